// Everything that can go wrong, as one list. A new fault is a line here and a case in inject.cpp or
// in the network. Thread rule: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace twinstore::sim {

enum class Fault : uint8_t {
  // Of each message.
  Delay,
  Drop,
  Duplicate,
  ReplyLost,
  LateReply,
  ErrorReply,
  LiveBreak,
  // Of a machine, at a moment.
  PartitionBoth,
  PartitionUp,
  PartitionDown,
  DeviceKill,
  DevicePowerCut,
  DeviceCutInWrite,
  DeviceCutInReceive,
  DeviceCutInSend,
  CutInRecovery,
  ServerKill,
  ServerPowerCut,
  ServerCutInCommit,
  ServerDown,
  TabRepeats,
  ClockSkew,
  ClockJump,
  ClockFrozen,
  ClockDrift,
  ServerClockJump,
  DeviceDiskFull,
  DeviceShortWrite,
  DeviceWriteError,
  DeviceSyncError,
  DeviceReadError,
  ServerDiskFull,
  ServerWriteError,
  ServerSyncError,
  ServerReadError,
  ForeignCursor,
  Resubscribe,
  ServerRestored,
  DeletionsForgotten,
  DeviceWiped,
  DeviceRestored,
  DeviceCloned,
  Count
};

inline constexpr size_t faults_count = static_cast<size_t>(Fault::Count);
inline constexpr size_t first_injected = static_cast<size_t>(Fault::PartitionBoth);

inline constexpr std::array<std::string_view, faults_count> fault_names{"delay",
                                                                        "drop",
                                                                        "duplicate",
                                                                        "reply_lost",
                                                                        "late_reply",
                                                                        "error_reply",
                                                                        "live_break",
                                                                        "partition_both",
                                                                        "partition_up",
                                                                        "partition_down",
                                                                        "device_kill",
                                                                        "device_power_cut",
                                                                        "device_cut_in_write",
                                                                        "device_cut_in_receive",
                                                                        "device_cut_in_send",
                                                                        "cut_in_recovery",
                                                                        "server_kill",
                                                                        "server_power_cut",
                                                                        "server_cut_in_commit",
                                                                        "server_down",
                                                                        "tab_repeats",
                                                                        "clock_skew",
                                                                        "clock_jump",
                                                                        "clock_frozen",
                                                                        "clock_drift",
                                                                        "server_clock_jump",
                                                                        "device_disk_full",
                                                                        "device_short_write",
                                                                        "device_write_error",
                                                                        "device_sync_error",
                                                                        "device_read_error",
                                                                        "server_disk_full",
                                                                        "server_write_error",
                                                                        "server_sync_error",
                                                                        "server_read_error",
                                                                        "foreign_cursor",
                                                                        "resubscribe",
                                                                        "server_restored",
                                                                        "deletions_forgotten",
                                                                        "device_wiped",
                                                                        "device_restored",
                                                                        "device_cloned"};

[[nodiscard]] inline std::string_view fault_name(Fault fault) {
  return fault_names[static_cast<size_t>(fault)];
}

}  // namespace twinstore::sim
