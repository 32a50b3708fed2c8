// Every step of every workload with the n-th thing that it asks of the disk, or of memory, failing,
// for n from the first until nothing fails any more: it ends with an error that says so and has
// done nothing, and done again it does all. Once, and for as long as it is asked.
#include <doctest/doctest.h>

#include <limits>

#include "memory_faults.h"
#include "power_cut.h"

using namespace twinstore;
using namespace twinstore::durability;
using sim::DiskFault;

namespace {

constexpr int64_t for_ever = std::numeric_limits<int64_t>::max();

enum class Source : uint8_t { Disk, Memory };

struct Failure {
  Source source = Source::Disk;
  DiskFault fault = DiskFault::None;
  int64_t after = 0;
  int64_t count = 1;
};

// What the step does from this image when nothing fails; and a moment later, since a write that is
// tried again is stamped anew.
struct Expected {
  std::string before;
  std::string after;
  std::string said;
  std::string later;
  std::string said_later;
};

Workload a_moment_later(Workload workload) {
  for (Step& step : workload.steps) ++step.now_ms;
  return workload;
}

struct Trial {
  Trial(const Workload& of, size_t at, const sim::Disk::Image& image)
      : workload(of), index(at), disk("trial"), machine(of.role, of.schema_json, disk) {
    disk.load(image);
    machine.clock.set(workload.steps[index].now_ms);
    // The version of the application that the image was left by.
    for (size_t i = 0; i < index; ++i) {
      if (workload.steps[i].name == "upgrade") (void)workload.steps[i].run(machine);
    }
    REQUIRE(machine.open().ok());
  }
  void arm(const Failure& failure) {
    if (failure.source == Source::Disk) disk.arm(failure.fault, failure.after, failure.count);
    if (failure.source == Source::Memory) MemoryFaults::arm(failure.after, failure.count);
  }
  void disarm() {
    disk.disarm();
    MemoryFaults::disarm();
  }
  int64_t failures(const Failure& failure) const {
    return failure.source == Source::Disk ? disk.failures() : MemoryFaults::failures();
  }
  std::string state() {
    const auto digest = machine.digest();
    REQUIRE_MESSAGE(digest.ok(), digest.error().message);
    return digest.value();
  }

  const Workload& workload;
  size_t index;
  sim::Disk disk;
  Machine machine;
};

bool is_of_storage(ErrorCode code) {
  return code == ErrorCode::StorageFull || code == ErrorCode::StorageIo ||
         code == ErrorCode::Unavailable;
}

// False once nothing fails any more.
bool try_failure(const Workload& workload, size_t index, const sim::Disk::Image& image,
                 const Expected& expected, const Failure& failure) {
  CAPTURE(workload.name);
  CAPTURE(workload.steps[index].name);
  CAPTURE(index);
  CAPTURE(static_cast<int>(failure.fault));
  CAPTURE(failure.after);
  CAPTURE(failure.count);
  Trial trial(workload, index, image);
  trial.arm(failure);
  const auto done = run_step(workload, index, trial.machine);
  const bool has_failed = trial.failures(failure) > 0;
  trial.disarm();
  if (done.ok()) {
    CHECK(done.value() == expected.said);
    CHECK(trial.state() == expected.after);
    return has_failed;
  }
  CHECK(has_failed);
  CHECK_MESSAGE(is_of_storage(done.error().code), error_text(done.error().code)
                                                      << ": " << done.error().message);
  if (trial.machine.is_open()) CHECK(trial.state() == expected.before);
  const auto again = run_step(a_moment_later(workload), index, trial.machine);
  REQUIRE_MESSAGE(again.ok(), again.error().message);
  CHECK(again.value() == expected.said_later);
  CHECK(trial.state() == expected.later);
  REQUIRE(trial.machine.open().ok());
  CHECK(trial.state() == expected.later);
  return has_failed;
}

// How far apart the tried failures are: near each other at first, where a transaction begins.
int64_t next_after(int64_t after, int64_t dense) {
  return is_long_form() || after < dense ? after + 1 : after + 1 + after / 2;
}

// In the short form of all steps one in so many.
int64_t try_all(const std::vector<Workload>& workloads, const std::vector<Failure>& kinds,
                int64_t dense, int64_t one_in) {
  int64_t tried = 0;
  int64_t steps = 0;
  for (const Workload& workload : workloads) {
    const auto life = live(workload, true);
    REQUIRE_MESSAGE(life.ok(), life.error().message);
    for (size_t index = 0; index < workload.steps.size(); ++index) {
      if (!is_long_form() && steps++ % one_in != 0) continue;
      const sim::Disk::Image& image = life.value().images[index];
      Expected expected;
      {
        Trial trial(workload, index, image);
        expected.before = trial.state();
        const auto said = run_step(workload, index, trial.machine);
        REQUIRE_MESSAGE(said.ok(), said.error().message);
        expected.said = said.value();
        expected.after = trial.state();
      }
      {
        Trial trial(workload, index, image);
        const auto said = run_step(a_moment_later(workload), index, trial.machine);
        REQUIRE_MESSAGE(said.ok(), said.error().message);
        expected.said_later = said.value();
        expected.later = trial.state();
      }
      for (Failure failure : kinds) {
        for (failure.after = 0;; failure.after = next_after(failure.after, dense)) {
          ++tried;
          if (!try_failure(workload, index, image, expected, failure)) break;
        }
      }
    }
  }
  return tried;
}

std::vector<Failure> disk_failures() {
  std::vector<Failure> kinds;
  for (const DiskFault fault : {DiskFault::Full, DiskFault::ShortWrite, DiskFault::WriteError,
                                DiskFault::SyncError, DiskFault::ReadError}) {
    for (const int64_t count : {int64_t{1}, for_ever}) {
      kinds.push_back({Source::Disk, fault, 0, count});
    }
  }
  return kinds;
}

std::vector<Failure> memory_failures() {
  return {{Source::Memory, DiskFault::None, 0, 1}, {Source::Memory, DiskFault::None, 0, for_ever}};
}

}  // namespace

TEST_CASE("failure: whatever of the disk fails under a device, nothing is done by halves") {
  MESSAGE(try_all(device_workloads(), disk_failures(), 4, 48), " failures");
}

TEST_CASE("failure: whatever of the disk fails under a server, nothing is done by halves") {
  MESSAGE(try_all(server_workloads(), disk_failures(), 4, 48), " failures");
}

TEST_CASE("failure: whatever memory fails under a device, nothing is done by halves") {
  MESSAGE(try_all(device_workloads(), memory_failures(), 8, 32), " failures");
}

TEST_CASE("failure: whatever memory fails under a server, nothing is done by halves") {
  MESSAGE(try_all(server_workloads(), memory_failures(), 8, 16), " failures");
}
