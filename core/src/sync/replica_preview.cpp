// Judging what waits before it is sent, as the authority will.
#include <algorithm>

#include "sync/conflict_rows.h"
#include "sync/judge.h"
#include "sync/outbox.h"
#include "sync/replica_records.h"
#include "twinstore/conflict.h"
#include "twinstore/replica.h"

namespace twinstore {

// The authority's rows as far as they are known here, and what the writes before make of them.
struct Replica::Foreseen {
  std::map<RowId, std::optional<RowVersion>> rows{};
  Rev head = 0;

  void save(const RowId& id, RowVersion row) {
    row.rev = ++head;
    rows.insert_or_assign(id, std::move(row));
  }
};

Result<std::optional<RowVersion>> Replica::foreseen_row(const RowId& id, const Foreseen& foreseen) {
  const auto known = foreseen.rows.find(id);
  if (known != foreseen.rows.end()) return known->second;
  if (outbox_->is_dirty(id)) return read_base(id);
  return load_row(storage_, schema_.at(id.collection), id.key);
}

Result<std::vector<PreviewedWrite>> Replica::preview() {
  TWINSTORE_TRY_VOID(refresh());
  Foreseen foreseen;
  for (const ScopeState& scope : scopes_) foreseen.head = std::max(foreseen.head, scope.rev);
  std::vector<PreviewedWrite> writes;
  for (const auto& [order, entry] : outbox_->entries()) {
    TWINSTORE_TRY(const bool is_judged, foresee_judged(entry, foreseen));
    if (is_judged) continue;
    TWINSTORE_TRY(PreviewedWrite write, foresee(entry, foreseen));
    writes.push_back(std::move(write));
  }
  return writes;
}

// True for a write that the authority has judged, which waits only for the rows that contain it.
Result<bool> Replica::foresee_judged(const OutboxEntry& entry, Foreseen& foreseen) {
  bool is_judged = entry.is_acked;
  std::vector<const Change*> coming;
  for (const Change& change : entry.mutation.changes) {
    const RowId id{change.collection, change.key};
    const Collection& collection = schema_.at(id.collection);
    TWINSTORE_TRY(auto row, read_base(id));
    if (!row) {
      TWINSTORE_TRY(row, load_row(storage_, collection, id.key));
    }
    const bool has_come = row && is_contained(entry, collection.scope_of(row->values));
    if (has_come) is_judged = true;
    if (!has_come) coming.push_back(&change);
  }
  if (!is_judged) return false;
  for (const Change* change : coming) {
    const RowId id{change->collection, change->key};
    TWINSTORE_TRY(const auto row, foreseen_row(id, foreseen));
    auto resolution =
        resolve(schema_.at(id.collection), *change, entry.time(), row ? &*row : nullptr);
    if (resolution.ok() && resolution.value().row) {
      foreseen.save(id, *std::move(resolution.value().row));
    }
  }
  return true;
}

Result<PreviewedWrite> Replica::foresee(const OutboxEntry& entry, Foreseen& foreseen) {
  PreviewedWrite write;
  write.made_at = entry.mutation.hlc;
  for (const Change& change : entry.mutation.changes) {
    write.rows.push_back({change.collection, change.key});
  }
  const Judge judge({schema_, Writer::Client, {}, clock_.client()}, wall_clock_.now_ms(),
                    [&](const RowId& id) { return foreseen_row(id, foreseen); });
  auto judged = judge.judge(entry.mutation, entry.time());
  if (!judged.ok()) {
    const Error& error = judged.error();
    if (!is_rejection(error.code)) return error;
    write.outcome.status = OutcomeStatus::Rejected;
    write.outcome.code = error.code;
    write.outcome.message = error.message;
    return write;
  }
  Judgement& judgement = judged.value();
  write.outcome.status = judgement.status(entry.mutation.changes.size());
  for (auto& [id, row] : judgement.rows) foreseen.save(id, std::move(row));
  for (Meeting& meeting : judgement.meetings) {
    const auto now = foreseen.rows.find({meeting.change.collection, meeting.change.key});
    if (now != foreseen.rows.end()) meeting.now = now->second.value_or(meeting.now);
    write.meetings.push_back(conflict_row(schema_, meeting, wall_clock_.now_ms()));
  }
  return write;
}

}  // namespace twinstore
