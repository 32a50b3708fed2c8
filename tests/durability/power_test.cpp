// Power cuts at every change of the disk, at random ones, and while the file is opened again.
#include <doctest/doctest.h>

#include "../sim/random.h"
#include "power_cut.h"

using namespace twinstore;
using namespace twinstore::durability;

namespace {

struct Lived {
  Workload workload;
  Life life;
};

const std::vector<Lived>& lived() {
  static std::vector<Lived> all;
  if (!all.empty()) return all;
  for (auto workloads : {device_workloads(), server_workloads()}) {
    for (Workload& workload : workloads) {
      CAPTURE(workload.name);
      auto life = live(workload, false);
      REQUIRE_MESSAGE(life.ok(), life.error().message);
      all.push_back({std::move(workload), std::move(life).value()});
    }
  }
  return all;
}

struct Count {
  int64_t cuts = 0;
  int64_t damaged = 0;

  void check(const Lived& it, const Cut& cut) {
    CAPTURE(it.workload.name);
    CAPTURE(cut.at);
    CAPTURE(cut.seed);
    CAPTURE(cut.then_at.value_or(-1));
    cuts += cut.then_at ? 2 : 1;
    const auto wrong = after_cut(it.workload, it.life, cut);
    if (!wrong) return;
    ++damaged;
    if (!cut.is_disk_lying) FAIL_CHECK(*wrong);
  }
};

}  // namespace

TEST_CASE("power: a life repeats itself, to the byte") {
  for (const Lived& it : lived()) {
    CAPTURE(it.workload.name);
    const auto again = live(it.workload, false);
    REQUIRE(again.ok());
    CHECK(again.value().states == it.life.states);
    CHECK(again.value().changes == it.life.changes);
  }
}

TEST_CASE("power: a cut at any change of the disk loses nothing that was acknowledged") {
  const int64_t stride = is_long_form() ? 1 : 199;
  Count count;
  int64_t changes = 0;
  for (const Lived& it : lived()) {
    changes += it.life.changes;
    for (int64_t at = 0; at < it.life.changes; at += stride) {
      count.check(it, {at, static_cast<uint64_t>(at)});
      // The opening after it changes the disk a few times at most.
      if (is_long_form() || at % 3 == 0) count.check(it, {at, static_cast<uint64_t>(at), at % 7});
    }
  }
  MESSAGE(count.cuts, " power cuts, ", changes, " changes of the disk in all workloads");
  CHECK(count.damaged == 0);
}

TEST_CASE("power: cuts at random, and again at random while the file is opened") {
  const int64_t wanted = is_long_form() ? 20'000 : 200;
  const auto& all = lived();
  sim::Random random(20'240'601);
  Count count;
  while (count.cuts < wanted) {
    const Lived& it = random.pick(all);
    Cut cut{random.between(0, it.life.changes - 1), random.next()};
    if (random.one_in(3)) cut.then_at = random.between(0, 30);
    count.check(it, cut);
  }
  MESSAGE(count.cuts, " power cuts");
  CHECK(count.damaged == 0);
}

TEST_CASE("power: a disk that lies about syncing is found out") {
  const auto& all = lived();
  sim::Random random(7);
  Count count;
  for (int i = 0; i < 100; ++i) {
    const Lived& it = random.pick(all);
    count.check(it, {random.between(0, it.life.changes - 1), random.next(), std::nullopt, true});
  }
  MESSAGE(count.damaged, " of ", count.cuts, " cuts lost or damaged something");
  CHECK(count.damaged > 10);
}
