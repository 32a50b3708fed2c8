// A change to one row and a mutation: what a writer did, in a form that a server can judge later.
// Thread rule: plain values. Next: conflict.h judges a change, replica.h makes them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "twinstore/record.h"

namespace twinstore {

enum class ChangeKind : uint8_t { Insert, Update, Delete };

// Invariants: (1) `after` of a counter is a delta, never a value; (2) a change that touches a field
// of a group names the whole group.
struct FieldChange {
  uint16_t field = 0;
  Value before;  // what the writer saw, its own earlier pending writes included
  Value after;
  HybridTime seen;  // the stamp of the version of the field that the writer saw; unset: none
};

struct Change {
  uint16_t collection = 0;
  Key key;
  ChangeKind kind = ChangeKind::Update;
  Rev base_rev = 0;  // the authority's version that the writer worked on; 0: none
  HybridTime seen;   // the latest stamp of the row that the writer saw
  // Ascending by field. A delete names what it deletes where the policy compares values.
  std::vector<FieldChange> fields;
};

// One transaction of one client. It becomes visible as a whole.
struct Mutation {
  int64_t seq = 0;  // 1, 2, 3 … per client; given when it is first sent, and never another
  HybridTime hlc;
  std::vector<Change> changes;
  bool is_all_or_nothing = false;  // any conflict or rejection refuses the whole
};

enum class OutcomeStatus : uint8_t { Applied, Merged, Superseded, Conflict, Rejected };
[[nodiscard]] std::string_view outcome_text(OutcomeStatus status);
[[nodiscard]] Result<OutcomeStatus> parse_outcome(std::string_view text);

// What became of a mutation. Every status lets the queue advance.
struct Outcome {
  int64_t seq = 0;
  OutcomeStatus status = OutcomeStatus::Applied;
  Rev rev = 0;     // everything it did is contained in this rev
  HybridTime hlc;  // the time it counts as made: earlier than asked when clamped
  ErrorCode code = ErrorCode::Internal;  // of a rejected one
  std::string message;
};

enum class Origin : uint8_t { Local, Remote };

// What one committed transaction touched: the only thing that travels upwards from storage.
struct Commit {
  Origin origin = Origin::Local;
  std::map<uint16_t, std::set<Key>> rows;  // by collection
  bool is_status_changed = false;          // pending count, scopes, outcomes

  void touch(uint16_t collection, Key key) { rows[collection].insert(std::move(key)); }
  [[nodiscard]] bool is_empty() const { return rows.empty() && !is_status_changed; }
};

}  // namespace twinstore
