// What one mutation does to the authority's rows, gathered before anything is saved.
// Thread rule: the authority's.
#pragma once

#include <map>
#include <vector>

#include "sync/conflict_log.h"
#include "sync/digest.h"
#include "twinstore/authority.h"

namespace twinstore {

struct Authority::Judgement {
  Writer writer;
  const Schema& rules;
  std::map<RowId, RowVersion> rows{};
  std::map<RowId, Digest> digests{};  // of the rows before
  std::vector<Meeting> meetings{};
  std::vector<Closing> closings{};
  size_t superseded = 0;
  bool is_conflict = false;
  bool is_merged = false;

  [[nodiscard]] OutcomeStatus status(size_t changes) const {
    if (is_conflict) return OutcomeStatus::Conflict;
    if (superseded == changes) return OutcomeStatus::Superseded;
    return superseded > 0 || is_merged ? OutcomeStatus::Merged : OutcomeStatus::Applied;
  }
};

}  // namespace twinstore
