#include "power_cut.h"

#include <algorithm>
#include <cstdlib>

#include "../sim/random.h"

namespace twinstore::durability {
namespace {

std::string told(const Error& error) {
  return std::string(error_text(error.code)) + ": " + error.message;
}

// The process ends with the power.
void lose_power(Machine& machine, sim::Disk& disk, sim::Random& random) {
  disk.switch_off();
  machine.close();
  disk.restart(sim::Loss::Power, random);
}

}  // namespace

Result<Life> live(const Workload& workload, bool with_images) {
  Life life;
  sim::Disk disk("life");
  Machine machine(workload.role, workload.schema_json, disk);
  machine.clock.set(workload.steps.front().now_ms);
  TWINSTORE_TRY_VOID(machine.open());
  for (size_t i = 0; i <= workload.steps.size(); ++i) {
    TWINSTORE_TRY(std::string state, machine.digest());
    life.states.push_back(std::move(state));
    if (with_images) life.images.push_back(disk.image());
    if (i == workload.steps.size()) break;
    TWINSTORE_TRY([[maybe_unused]] const std::string said, run_step(workload, i, machine));
  }
  life.changes = disk.changes();
  return life;
}

std::optional<std::string> after_cut(const Workload& workload, const Life& life, const Cut& cut) {
  sim::Random random(cut.seed);
  sim::Disk disk("cut");
  if (cut.is_disk_lying) disk.lie();
  Machine machine(workload.role, workload.schema_json, disk);
  machine.clock.set(workload.steps.front().now_ms);
  disk.arm(sim::DiskFault::Off, cut.at, 1);
  size_t acknowledged = 0;
  const bool was_open = machine.open().ok();
  while (was_open && acknowledged < workload.steps.size()) {
    if (!run_step(workload, acknowledged, machine).ok()) break;
    ++acknowledged;
  }
  lose_power(machine, disk, random);
  if (cut.then_at) {
    disk.arm(sim::DiskFault::Off, *cut.then_at, 1);
    (void)machine.open();
    lose_power(machine, disk, random);
  }
  const auto opened = machine.open();
  if (!opened.ok()) return "it does not open: " + told(opened.error());
  const auto sound = machine.check_integrity();
  if (!sound.ok()) return "the file is damaged: " + told(sound.error());
  const auto state = machine.digest();
  if (!state.ok()) return "it cannot be read: " + told(state.error());
  const bool is_acknowledged = state.value() == life.states[acknowledged];
  const bool is_next = was_open && acknowledged < workload.steps.size() &&
                       state.value() == life.states[acknowledged + 1];
  if (is_acknowledged || is_next) return std::nullopt;
  const auto known = std::ranges::find(life.states, state.value());
  return "after " + std::to_string(acknowledged) + " acknowledged steps it holds " +
         (known == life.states.end()
              ? "something else"
              : "what it held after " + std::to_string(known - life.states.begin()));
}

bool is_long_form() {
  const char* word = std::getenv("TWINSTORE_LONG");
  return word != nullptr && std::string_view(word) == "1";
}

}  // namespace twinstore::durability
