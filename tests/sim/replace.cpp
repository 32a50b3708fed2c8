// Machines that are put back to an older state, emptied, or copied.
#include "world.h"

namespace twinstore::sim {

// Every other time a backup is taken instead.
void World::restore_server() {
  if (!server_.is_up() || server_.disk.is_off()) return;
  server_.disk.disarm();
  if (!server_backup_ || random_.one_in(3)) {
    if (!uncertain_groups_.empty() || server_.has_work()) return;
    server_backup_ = Backup{server_.disk.image(), model_, history_};
    return;
  }
  count(Fault::ServerRestored);
  trace("restored", "the server");
  const auto restored = server_.restore(server_backup_->disk, random_);
  if (!check("I16", restored.ok(), "a backup does not open")) return;
  note_lost(server_backup_->history);
  model_ = server_backup_->model;
  history_ = server_backup_->history;
  uncertain_groups_.clear();
  live_.clear();
  for (const auto& device : devices_) {
    device->is_live = false;
    device->revs.clear();
  }
}

// What the server had judged since, the devices still know.
void World::note_lost(const History& kept) {
  for (const auto& [client, entries] : history_) {
    const auto at = kept.find(client);
    for (size_t i = at == kept.end() ? 0 : at->second.size(); i < entries.size(); ++i) {
      const JsonValue mutation = JsonValue::parse(entries[i].mutation, nullptr, false);
      const bool is_rejected = entries[i].outcome.find("\"rejected\"") != std::string::npos;
      lost_.emplace(device_of_client_.at(client),
                    LostMutation{mutation["changes"].dump(), !is_rejected});
    }
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
  lost_.erase(device.number);
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
