// Judging a mutation: what each of its changes makes of the row that it meets. Nothing is saved
// here.
#include "schema/field_value.h"
#include "sync/authority_judgement.h"
#include "twinstore/conflict.h"
#include "twinstore/refresh_task.h"

namespace twinstore {

Result<void> Authority::judge(const Mutation& mutation, const HybridTime& stamp,
                              Judgement& judgement) {
  for (const Change& change : mutation.changes) {
    if (!schema_.at(change.collection).is_system) {
      TWINSTORE_TRY_VOID(judge_change(mutation, change, stamp, judgement));
      continue;
    }
    if (change.collection == refresh_tasks_of(schema_).position) {
      TWINSTORE_TRY_VOID(judge_task(mutation, change, stamp, judgement));
      continue;
    }
    TWINSTORE_TRY(auto closing, conflicts_->read_closing(change, stamp));
    if (!closing) {
      ++judgement.superseded;
      continue;
    }
    if (!closing->is_seen) judgement.is_conflict = true;
    judgement.closings.push_back(*std::move(closing));
  }
  if (!mutation.is_all_or_nothing || !judgement.is_conflict) return {};
  std::string where = "a conflict";
  for (const Meeting& meeting : judgement.meetings) {
    if (meeting.resolution.status != OutcomeStatus::Conflict) continue;
    where = meeting.collection->name + " " + key_text(meeting.change.key);
    break;
  }
  return Error{ErrorCode::PreconditionFailed, where + " has moved on, so nothing is changed"};
}

// The row as the mutation's earlier changes have left it.
Result<std::optional<RowVersion>> Authority::row_now(const RowId& id, Judgement& judgement) {
  const auto earlier = judgement.rows.find(id);
  if (earlier != judgement.rows.end()) return std::optional(earlier->second);
  const Collection& collection = schema_.at(id.collection);
  TWINSTORE_TRY(auto stored, load_row(storage_, collection, id.key));
  judgement.digests[id] = stored ? row_digest(collection, *stored) : Digest{0};
  return stored;
}

// A task goes through its states in order, whatever the clocks say: what is accepted counts as
// later than what is stored.
Result<void> Authority::judge_task(const Mutation& mutation, const Change& change,
                                   const HybridTime& stamp, Judgement& judgement) {
  TWINSTORE_TRY(const auto stored, row_now({change.collection, change.key}, judgement));
  if (judgement.writer == Writer::Client) {
    TWINSTORE_TRY(const bool is_accepted,
                  accept_task_change(change, stored ? &*stored : nullptr, clock_.now_ms()));
    if (!is_accepted) {
      ++judgement.superseded;
      return {};
    }
  }
  HybridTime later = stamp;
  if (stored) later = std::max(later, std::max(stored->latest_stamp(), stored->deleted_at).next());
  return judge_change(mutation, change, later, judgement);
}

Result<void> Authority::judge_change(const Mutation& mutation, const Change& change,
                                     const HybridTime& stamp, Judgement& judgement) {
  const Collection& collection = judgement.rules.at(change.collection);
  const RowId id{change.collection, change.key};
  TWINSTORE_TRY(const auto stored, row_now(id, judgement));
  TWINSTORE_TRY(Resolution resolution,
                resolve(collection, change, stamp, stored ? &*stored : nullptr));
  if (resolution.status == OutcomeStatus::Superseded) ++judgement.superseded;
  if (resolution.status == OutcomeStatus::Merged) judgement.is_merged = true;
  if (resolution.status == OutcomeStatus::Conflict) judgement.is_conflict = true;
  if (stored && is_kept(resolution) && !collection.is_system) {
    RowVersion now = resolution.row.value_or(*stored);
    judgement.meetings.push_back(
        {&collection, change, mutation.hlc, stamp, *stored, resolution, std::move(now)});
  }
  if (resolution.row) judgement.rows.insert_or_assign(id, *std::move(resolution.row));
  return {};
}

}  // namespace twinstore
