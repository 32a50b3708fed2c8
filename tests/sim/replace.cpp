// Machines that are put back to an older state, emptied, or copied.
#include "world.h"

namespace twinstore::sim {
namespace {

constexpr size_t backups_max = 3;

}  // namespace

// Every other time a backup is taken instead.
void World::restore_server() {
  if (!server_.is_up() || server_.disk.is_off()) return;
  server_.disk.disarm();
  if (server_backups_.empty() || random_.one_in(3)) {
    if (!uncertain_groups_.empty() || server_.has_work()) return;
    if (server_backups_.size() == backups_max) server_backups_.erase(server_backups_.begin());
    server_backups_.push_back({server_.disk.image(), model_, history_});
    return;
  }
  // A newer one can bring back what an older one had lost.
  const Backup& backup = random_.pick(server_backups_);
  count(Fault::ServerRestored);
  trace("restored", "the server");
  const auto restored = server_.restore(backup.disk, random_);
  if (!check("I16", restored.ok(), "a backup does not open")) return;
  model_ = backup.model;
  history_ = backup.history;
  uncertain_groups_.clear();
  live_.clear();
  for (const auto& device : devices_) {
    device->is_live = false;
    device->revs.clear();
  }
}

// As if a hundred days had passed: also what is recent is old then.
void World::forget_deletions() {
  if (!server_.is_up() || server_.disk.is_off()) return;
  constexpr int64_t days_100_ms = 100LL * 24 * 3600 * 1000;
  server_.disk.disarm();
  server_.clock.jump(days_100_ms);
  const int64_t before_ms = server_.clock.now_ms() - limits::tombstone_horizon_ms;
  const auto forgotten = server_.forget_deletions();
  server_.clock.jump(-days_100_ms);
  if (!check("I13", forgotten.ok(), "deletions cannot be forgotten")) return;
  count(Fault::DeletionsForgotten);
  has_forgotten_ = true;
  model_.forget_deletions(hybrid_time_at(before_ms, {}).text().substr(0, 16));
}

void World::put_back(Fault fault, Device& device) {
  switch (fault) {
    case Fault::DeviceWiped:
      count(fault);
      return replace_device(device, fixtures_.device_disk, device.scopes);
    case Fault::DeviceRestored:
      if (!device.backup || random_.one_in(3)) {
        device.backup.emplace(device.disk.image(), device.scopes);
        return;
      }
      count(fault);
      return replace_device(device, device.backup->first, device.backup->second);
    default: {
      Device& other = *devices_[random_.below(devices_.size())];
      if (&other == &device || !other.is_up()) return;
      count(fault);
      other.has_forked = true;
      return replace_device(device, other.disk.image(), other.scopes);
    }
  }
}

void World::replace_device(Device& device, const Disk::Image& image, std::set<std::string> scopes) {
  device.crash(Loss::Process, random_);
  device.disk.load(image);
  device.scopes = std::move(scopes);
  device.has_forked = true;
  device.uncertain.clear();
  device.unanswered.clear();
  device.revs.clear();
  for (auto& [number, judged] : ever_judged_) {
    if (judged.device == device.number) judged.is_owed = false;
  }
  live_.erase(device.number);
  const auto opened = device.open();
  if (!check("I16", opened.ok(), "a device that was put back does not open")) return;
  trace("replaced", std::to_string(device.number));
  for (const std::string& scope : device.scopes) {
    const auto subscribed = device.replica().subscribe(scope);
    check("I16", subscribed.ok(), "a device that was put back does not subscribe");
  }
  device.replica().mark_behind();
}

}  // namespace twinstore::sim
