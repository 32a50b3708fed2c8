// The authority's counting of outcomes: gathered while a transaction goes on, and added to the
// stored numbers before its end. Thread rule: the authority's.
#pragma once

#include "base/json.h"
#include "sync/conflict_rows.h"
#include "twinstore/statistics.h"

namespace twinstore {

class SyncCounts {
 public:
  void add(OutcomeStatus status);
  void add(const Meeting& meeting);
  void add_resolved() { ++counted_.conflicts_resolved; }
  void clear() { *this = SyncCounts(); }
  // Adds what was counted to the record and forgets it. Errors: as Storage.
  [[nodiscard]] Result<void> write(Storage& storage);

 private:
  SyncStatistics counted_;
  bool is_changed_ = false;
};

}  // namespace twinstore
