#include "twinstore/refresh_intake.h"

#include <algorithm>

#include "services/code_fields.h"
#include "services/freshness_reader.h"
#include "twinstore/limits.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

Result<std::vector<MarkedBranch>> all_marks(const CodeFields& fields, Storage& storage) {
  std::vector<MarkedBranch> marks;
  Selection selection;
  selection.order = {fields.refresh_requested_at};
  TWINSTORE_TRY_VOID(
      storage.select(*fields.branches, selection, [&](const Collection&, RowVersion&& row) {
        const auto text = [&](uint16_t field) { return std::get<std::string>(row.values[field]); };
        const auto at = parse_time(text(fields.refresh_requested_at));
        if (at.ok()) {
          marks.push_back({text(fields.branch_repo), text(fields.branch_name), at.value(), false});
        }
        return true;
      }));
  return marks;
}

bool is_marked(const BranchFacts& facts, int64_t now_ms) {
  const Staleness staleness = branch_staleness(facts, now_ms, limits::stale_threshold_hours_max);
  return std::ranges::find(staleness.reasons, StaleReason::RefreshRequested) !=
         staleness.reasons.end();
}

Result<void> set_mark(OwnWrites& writes, const MarkedBranch& mark, Value value) {
  TWINSTORE_TRY(const CodeFields fields, CodeFields::of(writes.authority().schema()));
  Edit edit;
  edit.collection = fields.branches->position;
  edit.key = {mark.repo_id, mark.branch_name};
  edit.fields = {{fields.refresh_requested_at, std::move(value)}};
  TWINSTORE_TRY_VOID(writes.write(edit));
  return {};
}

}  // namespace

Result<void> mark_for_refresh(OwnWrites& writes, std::string_view repo_id,
                              std::string_view branch_name) {
  const MarkedBranch branch{std::string(repo_id), std::string(branch_name)};
  const auto marked = set_mark(writes, branch, time_text(writes.authority().clock().now_ms()));
  if (marked.ok() || marked.error().code != ErrorCode::RowMissing) return marked;
  return Error{ErrorCode::NotFound, "there is no such branch here"};
}

Result<std::vector<MarkedBranch>> read_marks(const Schema& schema, Storage& storage, Clock& clock,
                                             size_t branches_max) {
  TWINSTORE_TRY(const CodeFields fields, CodeFields::of(schema));
  TWINSTORE_TRY(auto marks, all_marks(fields, storage));
  RefreshTasks tasks(schema, storage, clock);
  std::vector<MarkedBranch> found;
  for (MarkedBranch& mark : marks) {
    if (found.size() >= branches_max) break;
    TWINSTORE_TRY(const auto facts,
                  read_branch_facts(schema, storage, mark.repo_id, mark.branch_name));
    if (!facts) continue;
    mark.is_answered = !is_marked(*facts, clock.now_ms());
    TWINSTORE_TRY(const auto newest, tasks.newest_request(mark.repo_id, mark.branch_name));
    if (!mark.is_answered && newest && *newest >= mark.requested_ms) continue;
    found.push_back(std::move(mark));
  }
  return found;
}

Result<size_t> take_marks(OwnWrites& writes, RefreshTaskWriter& scheduler, size_t branches_max) {
  Authority& authority = writes.authority();
  TWINSTORE_TRY(const auto marks, read_marks(authority.schema(), authority.storage(),
                                             authority.clock(), branches_max));
  size_t queued = 0;
  for (const MarkedBranch& mark : marks) {
    if (mark.is_answered) {
      TWINSTORE_TRY_VOID(set_mark(writes, mark, Value()));
      continue;
    }
    const int64_t now = authority.clock().now_ms();
    if (mark.requested_ms > now) TWINSTORE_TRY_VOID(set_mark(writes, mark, time_text(now)));
    TWINSTORE_TRY_VOID(
        scheduler.schedule_refresh(mark.repo_id, mark.branch_name, 0, task_cause::marked));
    ++queued;
  }
  return queued;
}

Result<size_t> take_stale(RefreshTaskWriter& scheduler, std::string_view repo_id,
                          std::span<const std::string> branch_names) {
  size_t queued = 0;
  for (const std::string& name : branch_names) {
    TWINSTORE_TRY(const bool is_under_way, scheduler.tasks().has_open(repo_id, name));
    if (is_under_way) continue;
    TWINSTORE_TRY_VOID(scheduler.schedule_refresh(repo_id, name, 0, task_cause::stale));
    ++queued;
  }
  return queued;
}

}  // namespace twinstore
