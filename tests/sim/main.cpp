// The simulator: seeds in, violations out.
//   twinstore_sim [--seed N [--verbose]] [--seeds N] [--first M] [--long] [--state FILE]
//                 [--plant NAME] [--planted]
// --state continues after the last seed that FILE names. Exit status 1 after a violation.
#ifdef __linux__
#include <malloc.h>
#endif

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/planted.h"
#include "shrink.h"

namespace twinstore::sim {
namespace {

struct Options {
  uint64_t first = 1;
  uint64_t seeds = 100;
  bool is_single = false;
  bool is_verbose = false;
  bool is_long = false;
  bool is_planted = false;
  std::string state;
  std::string plant;
};

constexpr uint64_t repeated_every = 50;  // I17: such seeds run twice

void print_violation(const Fixtures& fixtures, const Scenario& scenario, const Violation& violation,
                     bool is_long, bool is_verbose) {
  std::printf("sim: seed %llu%s violates %s: %s\n", static_cast<unsigned long long>(scenario.seed),
              is_long ? " (--long)" : "", violation.invariant.c_str(), violation.text.c_str());
  std::fflush(stdout);
  const Scenario small = shrink(fixtures, scenario, violation.invariant, 600);
  const RunResult result = run_scenario(fixtures, small, is_verbose);
  std::printf("sim: %zu of %zu operations are left: %s\n", small.ops.size(), scenario.ops.size(),
              result.violation ? result.violation->text.c_str() : "");
  for (const Op& op : small.ops) std::printf("  %s\n", op.text().c_str());
  std::fflush(stdout);
}

void print_counters(const Counters& counters) {
  std::printf("sim: faults");
  for (size_t i = 0; i < faults_count; ++i) {
    std::printf(" %s %lld", std::string(fault_names[i]).c_str(),
                static_cast<long long>(counters.faults[i]));
  }
  std::printf("\nsim: checks");
  for (const auto& [name, count] : counters.checks) {
    std::printf(" %s %lld", name.c_str(), static_cast<long long>(count));
  }
  std::printf("\nsim: decisions");
  for (const auto& [name, count] : counters.branches) {
    std::printf(" %s %lld", name.c_str(), static_cast<long long>(count));
  }
  std::printf("\nsim: outcomes");
  for (const auto& [name, count] : counters.outcomes) {
    std::printf(" %s %lld", name.c_str(), static_cast<long long>(count));
  }
  std::printf("\n");
}

uint64_t read_state(const std::string& path, uint64_t otherwise) {
  std::FILE* file = path.empty() ? nullptr : std::fopen(path.c_str(), "r");
  if (file == nullptr) return otherwise;
  unsigned long long next = 0;
  const bool is_read = std::fscanf(file, "%llu", &next) == 1;
  std::fclose(file);
  return is_read ? next : otherwise;
}

void write_state(const std::string& path, uint64_t next) {
  std::FILE* file = path.empty() ? nullptr : std::fopen(path.c_str(), "w");
  if (file == nullptr) return;
  std::fprintf(file, "%llu\n", static_cast<unsigned long long>(next));
  std::fclose(file);
}

#ifdef TWINSTORE_PLANTED_BUGS
constexpr std::array planted_names{"ack_before_commit",
                                   "dedupe_outside_transaction",
                                   "no_dedupe",
                                   "clamp_missing",
                                   "tombstone_dropped",
                                   "cursor_before_apply",
                                   "page_before_checkpoint",
                                   "late_checkpoint",
                                   "delete_not_queued",
                                   "batch_not_atomic",
                                   "operation_not_stored",
                                   "seq_not_durable",
                                   "edit_during_push_marked",
                                   "absorbs_held_rows",
                                   "stale_memory",
                                   "lww_by_wall_clock",
                                   "absent_as_null",
                                   "manual_overwrites"};
constexpr uint64_t planted_seeds_max = 1'000;

// The test of the tests: after how many seeds is each found?
int run_planted(const Options& options) {
  const Fixtures fixtures = Fixtures::make();
  int missed = 0;
  for (const char* name : planted_names) {
    if (!options.plant.empty() && options.plant != name) continue;
    planted_bug = name;
    std::optional<Violation> found;
    uint64_t seed = options.first;
    for (; seed < options.first + planted_seeds_max && !found; ++seed) {
      found = run_scenario(fixtures, make_scenario(seed, options.is_long)).violation;
    }
    if (found) {
      std::printf("sim: planted %-28s found after %4llu seeds by %s: %.160s\n", name,
                  static_cast<unsigned long long>(seed - options.first), found->invariant.c_str(),
                  found->text.c_str());
    } else {
      ++missed;
      std::printf("sim: planted %-28s NOT FOUND\n", name);
    }
    std::fflush(stdout);
  }
  std::printf("sim: %zu planted bugs, %d not found\n", planted_names.size(), missed);
  return missed > 0 ? 1 : 0;
}
#endif

int run(const Options& options) {
#ifdef TWINSTORE_PLANTED_BUGS
  if (options.is_planted) return run_planted(options);
  planted_bug = options.plant;
#endif
  const Fixtures fixtures = Fixtures::make();
  if (options.is_single) {
    const Scenario scenario = make_scenario(options.first, options.is_long);
    const RunResult result = run_scenario(fixtures, scenario);
    print_counters(result.counters);
    std::printf("sim: seed %llu trace %016llx\n", static_cast<unsigned long long>(options.first),
                static_cast<unsigned long long>(result.trace));
    if (!result.violation) return 0;
    print_violation(fixtures, scenario, *result.violation, options.is_long, options.is_verbose);
    return 1;
  }
  const auto began = std::chrono::steady_clock::now();
  Counters total;
  int64_t violations = 0;
  const uint64_t first = read_state(options.state, options.first);
  for (uint64_t seed = first; seed < first + options.seeds; ++seed) {
    const Scenario scenario = make_scenario(seed, options.is_long);
    RunResult result = run_scenario(fixtures, scenario);
    total.add(result.counters);
    if (!result.violation && seed % repeated_every == 0) {
      ++total.checks["I17"];
      if (run_scenario(fixtures, scenario).trace != result.trace) {
        result.violation = Violation{"I17", "the same seed ran differently"};
      }
    }
    if (result.violation) {
      ++violations;
      print_violation(fixtures, scenario, *result.violation, options.is_long, options.is_verbose);
      if (violations >= 5) break;
    }
    if (seed % 100 == 0) write_state(options.state, seed + 1);
  }
  print_counters(total);
  int64_t faults = 0;
  int64_t silent = 0;
  for (size_t i = 0; i < faults_count; ++i) {
    faults += total.faults[i];
    if (total.faults[i] > 0 || options.seeds < 300) continue;
    ++silent;
    std::printf("sim: the fault %s never happened\n", std::string(fault_names[i]).c_str());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf(
      "sim: %llu seeds, %lld operations, %lld writes, %lld mutations, %lld messages, "
      "%lld restarts, %lld faults, %.2f simulated years, %lld violations, %.1f seeds/s\n",
      static_cast<unsigned long long>(options.seeds), static_cast<long long>(total.operations),
      static_cast<long long>(total.writes), static_cast<long long>(total.mutations),
      static_cast<long long>(total.messages), static_cast<long long>(total.restarts),
      static_cast<long long>(faults), static_cast<double>(total.simulated_ms) / 31'557'600'000.0,
      static_cast<long long>(violations), static_cast<double>(options.seeds) / took.count());
  return violations > 0 || silent > 0 ? 1 : 0;
}

}  // namespace
}  // namespace twinstore::sim

int main(int count, char** arguments) {
#ifdef __linux__
  // Disks come and go with each seed: their memory stays with the process.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
  twinstore::sim::Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    const auto next = [&] { return i + 1 < count ? arguments[++i] : ""; };
    if (name == "--seed") {
      options.first = std::strtoull(next(), nullptr, 10);
      options.is_single = true;
    } else if (name == "--seeds") {
      options.seeds = std::strtoull(next(), nullptr, 10);
    } else if (name == "--first") {
      options.first = std::strtoull(next(), nullptr, 10);
    } else if (name == "--verbose") {
      options.is_verbose = true;
    } else if (name == "--long") {
      options.is_long = true;
    } else if (name == "--plant") {
      options.plant = next();
    } else if (name == "--planted") {
      options.is_planted = true;
    } else if (name == "--state") {
      options.state = next();
    } else {
      std::fprintf(stderr, "sim: no such option: %s\n", arguments[i]);
      return 2;
    }
  }
  return twinstore::sim::run(options);
}
