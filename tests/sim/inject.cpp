// The faults of machines: each does something once, now.
#include "world.h"

namespace twinstore::sim {

void World::inject(Fault fault, Device& device) {
  if (!device.is_up()) return;
  const auto cut = [&](auto&& act) {
    Memory before = memory_of(device);
    device.disk.arm(DiskFault::Off, random_.between(0, 14), 1);
    act();
    if (has_failed()) return;
    if (device.disk.is_off()) {
      count(fault);
    } else {
      before = memory_of(device);
    }
    reopen_device(device, &before, fault == Fault::DeviceCutInReceive);
  };
  switch (fault) {
    case Fault::PartitionBoth:
    case Fault::PartitionUp:
    case Fault::PartitionDown:
      count(fault);
      device.is_cut_up = fault != Fault::PartitionDown && !device.is_cut_up;
      device.is_cut_down = fault != Fault::PartitionUp && !device.is_cut_down;
      if (device.is_cut_up || device.is_cut_down) device.is_live = false;
      return;
    case Fault::DeviceKill:
    case Fault::DevicePowerCut:
      count(fault);
      return crash_device(device, fault == Fault::DeviceKill ? Loss::Process : Loss::Power);
    case Fault::DeviceCutInWrite: return cut([&] { write_or_decide(device, random_.one_in(6)); });
    case Fault::DeviceCutInSend:
      return cut([&] {
        give_up(device);
        (void)device.replica().next_message();
      });
    case Fault::DeviceCutInReceive:
      return cut([&] {
        // A page made for this device alone, so that something surely arrives.
        give_up(device);
        device.replica().mark_behind();
        const auto message = device.replica().next_message();
        if (device.disk.is_off() || !message.ok() || !message.value() || !server_.is_up()) return;
        if (!message.value()->starts_with("{\"type\":\"pull\"")) return;
        receive(device, server_.page(*message.value(), scenario_.page_rows));
      });
    case Fault::CutInRecovery: {
      Memory before = memory_of(device);
      device.crash(random_.one_in(2) ? Loss::Power : Loss::Process, random_);
      bool has_opened = false;
      for (uint64_t i = 0; i <= random_.below(3) && !has_opened; ++i) {
        const bool is_of_writes = random_.one_in(2);
        device.disk.arm(is_of_writes ? DiskFault::Off : DiskFault::OffAnywhere,
                        random_.between(0, is_of_writes ? 8 : 60), 1);
        has_opened = device.open().ok() && !device.disk.is_off();
        // The first write after it comes where the log that was recovered ended.
        if (has_opened && device.uncertain.empty()) write_or_decide(device, false);
        if (has_failed()) return;
        if (device.disk.is_off()) {
          count(fault);
          device.crash(random_.one_in(2) ? Loss::Power : Loss::Process, random_);
        } else if (has_opened) {
          before = memory_of(device);
        }
      }
      return reopen_device(device, &before, false);
    }
    case Fault::ServerKill:
    case Fault::ServerPowerCut:
    case Fault::ServerDown:
      if (!server_.is_up()) return;
      count(fault);
      return crash_server(fault == Fault::ServerKill ? Loss::Process : Loss::Power,
                          fault == Fault::ServerDown);
    case Fault::ServerCutInCommit:
      if (!server_.is_up()) return;
      server_.disk.arm(DiskFault::Off, random_.between(0, 20), 1);
      armed_fault_ = fault;
      return;
    case Fault::TabRepeats: {
      if (device.unanswered.empty()) return;
      count(fault);
      if (random_.one_in(2)) crash_device(device, Loss::Process);
      const std::vector<Plan> plans = std::move(device.unanswered);
      device.unanswered.clear();
      for (const Plan& plan : plans) repeat(device, plan);
      return;
    }
    case Fault::ForeignCursor: {
      // What a device is told when its cursor is of no use any more.
      count(fault);
      return receive(device,
                     error_message(*fixtures_.schema, {random_.one_in(2) ? ErrorCode::CursorExpired
                                                                         : ErrorCode::BadCursor,
                                                       "read the scope again"}));
    }
    case Fault::Resubscribe: return resubscribe(device);
    case Fault::ServerRestored: return restore_server();
    case Fault::DeletionsForgotten: return forget_deletions();
    case Fault::DeviceWiped:
    case Fault::DeviceRestored:
    case Fault::DeviceCloned: return put_back(fault, device);
    default: break;
  }
  inject_clock(fault, device);
  inject_disk(fault, device);
}

// A tab that got no answer asks again, under the same name: nothing more may happen.
void World::repeat(Device& device, const Plan& plan) {
  const auto before = device.views(plan);
  if (!before.ok()) return;
  const auto written = device.store().write(plan.text());
  if (!written.ok() || device.disk.is_off()) return;
  const auto after = device.views(plan);
  if (!after.ok()) return;
  check("I3", before.value() == after.value(),
        "operation " + plan.operation + " was done twice: " + plan.text());
}

void World::resubscribe(Device& device) {
  if (!scenario_.is_scoped || device.scopes.contains(std::string(all_scopes))) return;
  const std::string scope = scope_name(random_.below(scopes_count));
  const bool is_held = device.scopes.contains(scope);
  Replica& replica = device.replica();
  const auto done = is_held ? replica.unsubscribe(scope) : replica.subscribe(scope);
  if (!done.ok()) return;
  count(Fault::Resubscribe);
  if (is_held) {
    device.scopes.erase(scope);
  } else {
    device.scopes.insert(scope);
  }
  device.revs.erase(scope);
  if (device.is_live) connect_live(device);
}

void World::inject_clock(Fault fault, Device& device) {
  constexpr int64_t day_ms = 24LL * 3600 * 1000;
  switch (fault) {
    case Fault::ClockSkew: device.clock.jump(random_.between(-10 * day_ms, 10 * day_ms)); break;
    case Fault::ClockJump: device.clock.jump(random_.between(-90'000, 90'000)); break;
    case Fault::ClockFrozen:
      if (random_.one_in(2))
        device.clock.thaw();
      else
        device.clock.freeze();
      break;
    case Fault::ClockDrift: device.clock.set_drift(random_.between(-50, 50)); break;
    case Fault::ServerClockJump: server_.clock.jump(random_.between(-120'000, 60'000)); break;
    default: return;
  }
  count(fault);
}

void World::inject_disk(Fault fault, Device& device) {
  DiskFault kind = DiskFault::None;
  switch (fault) {
    case Fault::DeviceDiskFull:
    case Fault::ServerDiskFull: kind = DiskFault::Full; break;
    case Fault::DeviceShortWrite: kind = DiskFault::ShortWrite; break;
    case Fault::DeviceWriteError:
    case Fault::ServerWriteError: kind = DiskFault::WriteError; break;
    case Fault::DeviceSyncError:
    case Fault::ServerSyncError: kind = DiskFault::SyncError; break;
    case Fault::DeviceReadError:
    case Fault::ServerReadError: kind = DiskFault::ReadError; break;
    default: return;
  }
  const bool is_server = fault >= Fault::ServerDiskFull && fault <= Fault::ServerReadError;
  Disk& disk = is_server ? server_.disk : device.disk;
  if (is_server && !server_.is_up()) return;
  // What is in SQLite's cache is not read again.
  if (fault == Fault::DeviceReadError) {
    crash_device(device, Loss::Process);
    if (has_failed()) return;
  }
  // Errors of writing are of the whole disk at times, so that nothing can be read again either.
  if (kind == DiskFault::WriteError && random_.one_in(2)) kind = DiskFault::Dead;
  const int64_t after = fault == Fault::DeviceReadError || kind == DiskFault::Dead ? 25 : 12;
  disk.arm(kind, random_.between(0, after), random_.one_in(2) ? 1 : random_.between(2, 20));
  if (is_server) {  // the next commits meet it
    armed_fault_ = fault;
    return;
  }
  const int64_t earlier = disk.failures();
  for (uint64_t i = 0; i <= random_.below(4) && !has_failed(); ++i) write_or_decide(device, false);
  count(fault, disk.failures() - earlier);
  disk.disarm();
}

}  // namespace twinstore::sim
