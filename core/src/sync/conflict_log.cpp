#include "sync/conflict_log.h"

#include <algorithm>

#include "schema/field_value.h"
#include "sync/authority_records.h"
#include "sync/record_ring.h"
#include "twinstore/limits.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

namespace at = conflict_field;
constexpr std::string_view open_space = "open_conflict";

std::string closed_space(const std::string& scope) { return "closed_conflict/" + scope; }

std::string row_name(const Collection& collection, const Key& key) {
  return collection.name + key_text(key);
}

std::string row_name(const RowVersion& conflict) {
  return conflict_text(conflict, at::collection) + conflict_text(conflict, at::row_key);
}

// Between the row and the conflict's id; no text that is stored holds it.
constexpr char separator = '\x01';

std::string open_key(const RowVersion& conflict) {
  return row_name(conflict) + separator + conflict_text(conflict, at::id);
}

bool is_open(const RowVersion& conflict) { return conflict_text(conflict, at::status) == "open"; }

}  // namespace

ConflictLog::ConflictLog(const Schema& schema, Storage& storage, Clock& clock)
    : schema_(schema), storage_(storage), clock_(clock) {}

Result<void> ConflictLog::reload() {
  open_.clear();
  TWINSTORE_TRY(mark_, storage_.get(records::authority, records::open_conflicts));
  return storage_.scan(open_space, "", "", [&](std::string_view key, std::string_view) {
    open_.insert(open_.end(), std::string(key));
    return true;
  });
}

Result<void> ConflictLog::catch_up() {
  TWINSTORE_TRY(const auto stored, storage_.get(records::authority, records::open_conflicts));
  return stored == mark_ ? Result<void>() : reload();
}

Result<std::optional<Closing>> read_closing(const Change& change, const HybridTime& stamp,
                                            const RowVersion* stored) {
  const auto text_of = [&](uint16_t field) {
    const auto found = std::ranges::find(change.fields, field, &FieldChange::field);
    const auto* text =
        found == change.fields.end() ? nullptr : std::get_if<std::string>(&found->after);
    return text == nullptr ? std::string() : *text;
  };
  const bool is_decision = change.kind == ChangeKind::Update && text_of(at::status) == "resolved" &&
                           std::ranges::all_of(change.fields, [](const FieldChange& field) {
                             return field.field == at::status || field.field >= at::resolution;
                           });
  const std::string resolution = text_of(at::resolution);
  const bool is_known = resolution == "local" || resolution == "remote" || resolution == "merged";
  if (!is_decision || !is_known) {
    return Error{ErrorCode::Forbidden, "a conflict changes only by being resolved"};
  }
  const bool is_gone = stored == nullptr || stored->is_deleted();
  if (is_gone || conflict_text(*stored, at::status) == "resolved") return std::optional<Closing>{};
  const HybridTime latest = stored->latest_stamp();
  // A writer knows of its own later edits of the row, but not that one met a conflict again.
  const bool is_own = latest.client == stamp.client && change.seen.is_set() &&
                      conflict_text(*stored, at::local_hlc) <= change.seen.text();
  const bool is_seen = change.base_rev == stored->rev || latest == change.seen || is_own;
  return std::optional(Closing{*stored, resolution, is_seen});
}

std::vector<std::string> ConflictLog::open_ids(const std::string& row) const {
  std::vector<std::string> ids;
  const std::string first = row + separator;
  for (auto at = open_.lower_bound(first); at != open_.end() && at->starts_with(first); ++at) {
    ids.push_back(at->substr(first.size()));
  }
  return ids;
}

Result<RowVersion> ConflictLog::conflict(const Rows& rows, const std::string& id) const {
  if (const auto found = rows.find(id); found != rows.end()) return found->second;
  TWINSTORE_TRY(auto stored, load_row(storage_, conflicts_of(schema_), {Value(id)}));
  if (!stored) return Error{ErrorCode::StorageCorrupt, "an open conflict is missing"};
  return *std::move(stored);
}

// A conflict that is decided anew, or that the same device has with the row already, goes on; only
// another one makes another row. Copies of a device send under names of their own.
Result<void> ConflictLog::open(const Meeting& meeting, const std::vector<Closing>& closings,
                               Rows& rows) {
  const int64_t now = clock_.now_ms();
  const std::string row = row_name(*meeting.collection, meeting.change.key);
  for (const Closing& closing : closings) {
    if (row_name(closing.conflict) != row || !is_open(closing.conflict)) continue;
    const std::string id = conflict_text(closing.conflict, at::id);
    TWINSTORE_TRY(const RowVersion earlier, conflict(rows, id));
    rows.insert_or_assign(id, with_local(schema_, earlier, meeting, now));
    return {};
  }
  for (const std::string& id : open_ids(row)) {
    TWINSTORE_TRY(const RowVersion earlier, conflict(rows, id));
    if (conflict_text(earlier, at::local_client) != client_text(meeting.sender)) continue;
    rows.insert_or_assign(id, with_local(schema_, earlier, meeting, now));
    return {};
  }
  RowVersion made = conflict_row(schema_, meeting, now);
  TWINSTORE_TRY_VOID(storage_.put(open_space, open_key(made), ""));
  open_.insert(open_key(made));
  is_changed_ = true;
  rows.insert_or_assign(conflict_text(made, at::id), std::move(made));
  return {};
}

Result<void> ConflictLog::close(const Closing& closing, const HybridTime& stamp, Rows& rows) {
  RowVersion closed = closing.conflict;
  closed.hlc = std::max(stamp, closed.latest_stamp().next());
  closed.stamps.clear();
  closed.values[at::status] = std::string("resolved");
  closed.values[at::resolution] = closing.resolution;
  closed.values[at::resolved_at] = time_text(clock_.now_ms());
  closed.values[at::resolved_by] = std::string(client_text(stamp.client));
  if (is_open(closing.conflict)) {
    TWINSTORE_TRY_VOID(storage_.erase(open_space, open_key(closed)));
    open_.erase(open_key(closed));
    is_changed_ = true;
    TWINSTORE_TRY_VOID(keep_closed(closed, rows));
  }
  rows.insert_or_assign(conflict_text(closed, at::id), std::move(closed));
  return {};
}

Result<void> ConflictLog::refresh(const RowId& id, const RowVersion& row, const HybridTime& stamp,
                                  Rows& rows) {
  for (const std::string& open_id : open_ids(row_name(schema_.at(id.collection), id.key))) {
    TWINSTORE_TRY(const RowVersion earlier, conflict(rows, open_id));
    auto next = with_remote(schema_, earlier, row, stamp);
    if (next) rows.insert_or_assign(open_id, *std::move(next));
  }
  return {};
}

// The newest of a scope stay; an older one is deleted like any row.
Result<void> ConflictLog::keep_closed(const RowVersion& conflict, Rows& rows) {
  const std::string scope = conflict_text(conflict, at::scope);
  const std::string id = conflict_text(conflict, at::id);
  TWINSTORE_TRY(const auto oldest_id,
                add_to_ring(storage_, closed_space(scope), conflict.latest_stamp().text() + id, id,
                            limits::automatic_outcomes_kept));
  if (!oldest_id) return {};
  TWINSTORE_TRY(RowVersion gone, this->conflict(rows, *oldest_id));
  gone.deleted_at = std::max(conflict.latest_stamp(), gone.latest_stamp().next());
  rows.insert_or_assign(*oldest_id, std::move(gone));
  return {};
}

Result<std::vector<RowVersion>> ConflictLog::update(const std::vector<Meeting>& meetings,
                                                    const std::vector<Closing>& closings,
                                                    const std::map<RowId, RowVersion>& saved,
                                                    const HybridTime& stamp, Rev head) {
  Rows rows;
  is_changed_ = false;
  for (const Meeting& meeting : meetings) {
    if (meeting.resolution.status == OutcomeStatus::Conflict) {
      TWINSTORE_TRY_VOID(open(meeting, closings, rows));
      continue;
    }
    RowVersion made = conflict_row(schema_, meeting, clock_.now_ms());
    const std::string id = conflict_text(made, at::id);
    TWINSTORE_TRY_VOID(keep_closed(made, rows));
    rows.insert_or_assign(id, std::move(made));
  }
  for (const Closing& closing : closings) {
    const bool is_decided_anew = rows.contains(conflict_text(closing.conflict, at::id));
    if (closing.is_seen && !is_decided_anew) TWINSTORE_TRY_VOID(close(closing, stamp, rows));
  }
  if (!open_.empty()) {
    for (const auto& [id, row] : saved) TWINSTORE_TRY_VOID(refresh(id, row, stamp, rows));
  }
  if (is_changed_) {
    mark_ = std::to_string(head);
    TWINSTORE_TRY_VOID(storage_.put(records::authority, records::open_conflicts, *mark_));
  }
  std::vector<RowVersion> out;
  for (auto& [id, row] : rows) out.push_back(std::move(row));
  return out;
}

}  // namespace twinstore
