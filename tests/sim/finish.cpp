// The quiet end: faults stop, everything comes level in few exchanges, and then nobody speaks.
#include "world.h"

namespace twinstore::sim {
namespace {

constexpr int rounds_max = 4;
constexpr int64_t quiet_ms = 60'000;

}  // namespace

void World::heal() {
  is_quiet_ = true;
  server_.disk.disarm();
  if (!server_.is_up()) reopen_server();
  for (const auto& device : devices_) {
    device->disk.disarm();
    device->is_cut_up = device->is_cut_down = false;
    device->is_live = false;
    device->clock.thaw();
  }
  live_.clear();
}

void World::finish() {
  random_ = Random(scenario_.seed + 99);
  heal();
  // What is still on its way arrives or is given up.
  pass_time(time_.now_ms + 2 * quiet_ms);
  int round = 0;
  for (; round < rounds_max && !has_failed(); ++round) {
    bool is_level = true;
    for (const auto& device : devices_) {
      device->round_trips = 0;
      device->replica().mark_behind();
      talk(*device);
    }
    const int64_t began = time_.now_ms;
    while (!events_.empty() && !has_failed()) {
      // Timeouts stand in the queue for a while after everything is said.
      bool is_speaking = false;
      for (const auto& device : devices_) is_speaking |= device->has_exchange;
      if (!is_speaking || time_.now_ms - began > quiet_ms) break;
      pass_time(events_.top().due_ms);
    }
    check("I12", time_.now_ms - began <= quiet_ms, "the exchange does not come to rest");
    for (const auto& device : devices_) {
      is_level = is_level && device->replica().status().pending == 0 && is_at_head(*device);
    }
    if (is_level) break;
  }
  check("I12", round < rounds_max,
        "devices are not level after " + std::to_string(round) + " rounds of exchanges");
  if (has_failed()) return;
  for (const auto& device : devices_) check_silent(*device);
  for (const auto& device : devices_) {
    check_step(*device);
    check_feed(*device);
    check_level(*device);
    check_settled(*device);
    if (has_failed()) return;
  }
  for (const auto& [name, row] : model_.rows()) {
    if (!has_failed()) compare_row(name, row);
  }
  check_disk(server_.disk, "server.db");
}

bool World::is_at_head(Device& device) {
  for (const ScopeState& scope : device.replica().status().scopes) {
    if (scope.rev != server_.authority().head()) return false;
  }
  return true;
}

// I12: one who is level has nothing to say, and one who asks is told that nothing is new.
void World::check_silent(Device& device) {
  const auto silent = device.replica().next_message();
  check("I12", silent.ok() && !silent.value(),
        "device " + std::to_string(device.number) + " still speaks: " +
            (silent.ok() && silent.value() ? silent.value()->substr(0, 300) : ""));
  device.replica().mark_behind();
  size_t said = 0;
  while (said < 300 && !has_failed()) {
    const auto message = device.replica().next_message();
    if (!message.ok() || !message.value()) break;
    ++said;
    (void)device.replica().receive(server_.page(*message.value(), scenario_.page_rows));
  }
  check("I12", said == device.replica().status().scopes.size(),
        "a device that is level asks " + std::to_string(said) + " times");
}

}  // namespace twinstore::sim
