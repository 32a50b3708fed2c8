// What synchronisation has done with a database since it was made. Counted in the transaction that
// did it, so that the numbers survive a restart and never tell of what was rolled back.
// Thread rule: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "twinstore/storage.h"

namespace twinstore {

struct SyncStatistics {
  int64_t applied = 0;     // mutations that took effect as written
  int64_t merged = 0;      // some fields lost, or a rule made something of both sides
  int64_t superseded = 0;  // older than what was stored
  int64_t rejected = 0;    // refused by name
  int64_t conflicts = 0;   // mutations of which something waits, or waited, for a decision
  int64_t conflicts_resolved = 0;
  // How often both sides had changed a row, by the policy that judged: Policy is the index.
  std::array<int64_t, 3> by_strategy{};
  int64_t conflicts_open = 0;  // now
};

// On a storage of any thread. Errors: as Storage.
[[nodiscard]] Result<SyncStatistics> read_sync_statistics(const Schema& schema, Storage& storage);

// {"applied","merged","superseded","rejected","conflicts","conflicts_open","conflicts_resolved",
// "by_strategy":{"LATEST_WINS","MERGE","MANUAL"}}
[[nodiscard]] std::string statistics_json(const SyncStatistics& statistics);

}  // namespace twinstore
