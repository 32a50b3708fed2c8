#include "scenario.h"

#include "random.h"

namespace twinstore::sim {
namespace {

constexpr std::array<std::string_view, 5> kind_names{"write", "talk", "decide", "wait", "inject"};

Level random_level(Random& random) { return static_cast<Level>(random.below(3)); }

// Faults that are not of messages come as operations, by their level.
std::vector<Fault> injected_faults(const Scenario& scenario) {
  std::vector<Fault> faults;
  for (size_t i = first_injected; i < faults_count; ++i) {
    const Level level = scenario.levels[i];
    const size_t weight = level == Level::Off ? 0 : level == Level::Low ? 1 : 4;
    faults.insert(faults.end(), weight, static_cast<Fault>(i));
  }
  return faults;
}

int64_t random_wait(Random& random) {
  switch (random.below(10)) {
    case 0: return random.between(1'000, 20'000);
    case 1: return random.between(100, 1'000);
    case 2:
    case 3: return random.between(10, 100);
    default: return random.between(0, 10);
  }
}

}  // namespace

std::string Op::text() const {
  const std::string name(kind == OpKind::Inject ? fault_name(fault)
                                                : kind_names[static_cast<size_t>(kind)]);
  return "+" + std::to_string(wait_ms) + " ms  device " + std::to_string(device) + "  " + name;
}

uint64_t Scenario::permille(Fault fault) const {
  switch (levels[static_cast<size_t>(fault)]) {
    case Level::Off: return 0;
    case Level::Low: return 80;
    case Level::High: return 350;
  }
  return 0;
}

Scenario make_scenario(uint64_t seed, bool is_long) {
  Random random(seed);
  Scenario scenario;
  scenario.seed = seed;
  scenario.devices = 2 + random.below(3);
  scenario.page_rows = random.one_in(3) ? 1 + random.below(3) : 4 + random.below(40);
  scenario.collections = random.one_in(4) ? 0 : random.next() & random.next() & random.next();
  scenario.is_live = random.one_in(2);
  scenario.is_scoped = random.one_in(3);
  for (Level& level : scenario.levels) level = random_level(random);
  const std::vector<Fault> faults = injected_faults(scenario);
  const uint64_t fault_permille = random.pick(std::vector<uint64_t>{0, 200, 400, 600});
  const size_t count = (is_long ? 400 : 40) + random.below(is_long ? 1200 : 160);
  const uint64_t talk_permille = 200 + random.below(400);
  for (size_t i = 0; i < count; ++i) {
    Op op;
    op.device = random.below(scenario.devices);
    op.wait_ms = random_wait(random);
    op.random = random.next();
    if (!faults.empty() && random.permille(fault_permille)) {
      op.kind = OpKind::Inject;
      op.fault = random.pick(faults);
    } else if (random.permille(talk_permille)) {
      op.kind = OpKind::Talk;
    } else {
      op.kind = random.one_in(12) ? OpKind::Decide : OpKind::Write;
    }
    scenario.ops.push_back(op);
  }
  return scenario;
}

}  // namespace twinstore::sim
