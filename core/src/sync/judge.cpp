#include "sync/judge.h"

#include <algorithm>

#include "schema/field_value.h"
#include "twinstore/conflict.h"
#include "twinstore/refresh_task.h"

namespace twinstore {

// The mutation under judgement, and its rows as its earlier changes have left them.
struct Judge::Case {
  const Mutation& mutation;
  Rows rows{};
  Judgement judgement{};
};

Result<Judgement> Judge::judge(const Mutation& mutation, const HybridTime& stamp) const {
  Case now{mutation};
  for (const Change& change : mutation.changes) {
    TWINSTORE_TRY_VOID(judge_change(change, stamp, now));
  }
  if (!mutation.is_all_or_nothing || !now.judgement.is_conflict) return std::move(now.judgement);
  std::string where = "a conflict";
  for (const Meeting& meeting : now.judgement.meetings) {
    if (meeting.resolution.status != OutcomeStatus::Conflict) continue;
    where = meeting.collection->name + " " + key_text(meeting.change.key);
    break;
  }
  return Error{ErrorCode::PreconditionFailed, where + " has moved on, so nothing is changed"};
}

Result<void> Judge::judge_change(const Change& change, const HybridTime& stamp, Case& now) const {
  const Schema& rules = by_.rules;
  if (!rules.at(change.collection).is_system) return judge_row(change, stamp, now);
  const bool is_task = change.collection == refresh_tasks_of(rules).position;
  return is_task ? judge_task(change, stamp, now) : judge_decision(change, stamp, now);
}

// The row as it is for the writer, or null: one in a scope that the writer does not reach is none.
// Errors: Forbidden for a row that the writer names in such a scope, whether or not it is there.
Result<const RowVersion*> Judge::row_now(const Change& change, Case& now) const {
  const Collection& collection = by_.rules.at(change.collection);
  const RowId id{change.collection, change.key};
  auto at = now.rows.find(id);
  if (at == now.rows.end()) {
    TWINSTORE_TRY(auto stored, read_(id));
    at = now.rows.emplace(id, std::move(stored)).first;
  }
  const RowVersion* row = at->second ? &*at->second : nullptr;
  if (!by_.reaches) return row;
  if (!reaches(collection, change, row)) {
    return Error{ErrorCode::Forbidden, "this client does not reach the scope of the row"};
  }
  return row == nullptr || by_.reaches(collection.scope_of(row->values)) ? row : nullptr;
}

bool Judge::reaches(const Collection& collection, const Change& change,
                    const RowVersion* stored) const {
  const uint16_t scope = collection.scope_field;
  if (scope < collection.key_count) return by_.reaches(std::get<std::string>(change.key[scope]));
  if (change.kind != ChangeKind::Insert) return true;
  if (stored != nullptr && !by_.reaches(collection.scope_of(stored->values))) return false;
  const auto named = std::ranges::find(change.fields, scope, &FieldChange::field);
  const auto* text =
      named == change.fields.end() ? nullptr : std::get_if<std::string>(&named->after);
  return by_.reaches(text == nullptr ? std::string_view() : std::string_view(*text));
}

Result<void> Judge::judge_decision(const Change& change, const HybridTime& stamp, Case& now) const {
  TWINSTORE_TRY(const RowVersion* stored, row_now(change, now));
  TWINSTORE_TRY(auto closing, read_closing(change, stamp, stored));
  if (!closing) {
    ++now.judgement.superseded;
    return {};
  }
  if (!closing->is_seen) now.judgement.is_conflict = true;
  now.judgement.closings.push_back(*std::move(closing));
  return {};
}

// A task goes through its states in order, whatever the clocks say: what is accepted counts as
// later than what is stored.
Result<void> Judge::judge_task(const Change& change, const HybridTime& stamp, Case& now) const {
  TWINSTORE_TRY(const RowVersion* stored, row_now(change, now));
  if (by_.writer == Writer::Client) {
    TWINSTORE_TRY(const bool is_accepted, accept_task_change(change, stored, now_ms_));
    if (!is_accepted) {
      ++now.judgement.superseded;
      return {};
    }
  }
  HybridTime later = stamp;
  if (stored) later = std::max(later, std::max(stored->latest_stamp(), stored->deleted_at).next());
  return judge_row(change, later, now);
}

Result<void> Judge::judge_row(const Change& change, const HybridTime& stamp, Case& now) const {
  const Collection& collection = by_.rules.at(change.collection);
  TWINSTORE_TRY(const RowVersion* stored, row_now(change, now));
  TWINSTORE_TRY(Resolution resolution, resolve(collection, change, stamp, stored));
  Judgement& judgement = now.judgement;
  if (resolution.status == OutcomeStatus::Superseded) ++judgement.superseded;
  if (resolution.status == OutcomeStatus::Merged) judgement.is_merged = true;
  if (resolution.status == OutcomeStatus::Conflict) judgement.is_conflict = true;
  if (stored != nullptr && is_kept(resolution) && !collection.is_system) {
    RowVersion after = resolution.row.value_or(*stored);
    judgement.meetings.push_back({&collection, change, by_.sender.value_or(stamp.client),
                                  now.mutation.hlc, stamp, *stored, resolution,
                                  std::move(after)});
  }
  if (!resolution.row) return {};
  const RowId id{change.collection, change.key};
  judgement.rows.insert_or_assign(id, *resolution.row);
  now.rows.insert_or_assign(id, *std::move(resolution.row));
  return {};
}

bool is_rejection(ErrorCode code) {
  switch (code) {
    case ErrorCode::StorageBusy:
    case ErrorCode::StorageFull:
    case ErrorCode::StorageIo:
    case ErrorCode::StorageCorrupt:
    case ErrorCode::Sql:
    case ErrorCode::Unavailable:
    case ErrorCode::Closed:
    case ErrorCode::Internal: return false;
    default: return true;
  }
}

}  // namespace twinstore
