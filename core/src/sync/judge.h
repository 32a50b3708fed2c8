// Judging a mutation: what each of its changes makes of the row that it meets. Nothing is stored
// here. The authority judges against its rows, a replica that previews against what it last saw.
// Thread rule: as its reader of rows.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "sync/conflict_log.h"
#include "twinstore/authority.h"

namespace twinstore {

// Collections of the system are the server's own; clients change them by the few rules of each.
enum class Writer : uint8_t { Client, Server };

// By which rules a mutation is judged, and for whom.
struct Judging {
  const Schema& rules;  // the schema, or the same with other policies
  Writer writer = Writer::Client;
  ReachesScope reaches{};
  // Who sends it, where that is not its maker: copies of a device share the maker's name.
  std::optional<ClientId> sender{};
};

// What one mutation does, gathered before anything is saved.
struct Judgement {
  std::map<RowId, RowVersion> rows;  // as they are to be stored
  std::vector<Meeting> meetings;
  std::vector<Closing> closings;
  size_t superseded = 0;
  bool is_conflict = false;
  bool is_merged = false;

  // Of a mutation with that many changes.
  [[nodiscard]] OutcomeStatus status(size_t changes) const {
    if (is_conflict) return OutcomeStatus::Conflict;
    if (superseded == changes) return OutcomeStatus::Superseded;
    return superseded > 0 || is_merged ? OutcomeStatus::Merged : OutcomeStatus::Applied;
  }
};

class Judge {
 public:
  using ReadRow = std::function<Result<std::optional<RowVersion>>(const RowId&)>;

  // A row is read once for each mutation.
  Judge(Judging by, int64_t now_ms, ReadRow read)
      : by_(std::move(by)), now_ms_(now_ms), read_(std::move(read)) {}

  // `stamp` is the time at which it counts as made. Errors: a rejection (is_rejection), with which
  // nothing happens; those of reading.
  [[nodiscard]] Result<Judgement> judge(const Mutation& mutation, const HybridTime& stamp) const;

 private:
  using Rows = std::map<RowId, std::optional<RowVersion>>;  // those that were read
  struct Case;
  Result<const RowVersion*> row_now(const Change& change, Case& now) const;
  bool reaches(const Collection& collection, const Change& change, const RowVersion* stored) const;
  Result<void> judge_change(const Change& change, const HybridTime& stamp, Case& now) const;
  Result<void> judge_row(const Change& change, const HybridTime& stamp, Case& now) const;
  Result<void> judge_task(const Change& change, const HybridTime& stamp, Case& now) const;
  Result<void> judge_decision(const Change& change, const HybridTime& stamp, Case& now) const;

  Judging by_;
  int64_t now_ms_;
  ReadRow read_;
};

// True for errors that say something about the mutation rather than about the disk.
[[nodiscard]] bool is_rejection(ErrorCode code);

}  // namespace twinstore
