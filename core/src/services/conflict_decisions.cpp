#include "twinstore/conflict_decisions.h"

#include <array>

#include "base/json.h"
#include "base/sha256.h"
#include "services/ingest_record.h"
#include "sync/conflict_edit.h"
#include "sync/conflict_rows.h"

namespace twinstore {
namespace {

constexpr size_t mark_bytes = 16;
constexpr std::array<const char*, 3> side_texts{"local", "remote", "merged"};

Result<std::optional<RowVersion>> named_conflict(Storage& storage, const Schema& schema,
                                                 const std::vector<RowVersion>& open,
                                                 const ConflictName& name) {
  if (const auto* index = std::get_if<size_t>(&name)) {
    if (*index < open.size()) return std::optional(open[*index]);
    return Error{ErrorCode::NotFound, "the list of conflicts is not that long"};
  }
  return load_row(storage, conflicts_of(schema), {std::get<std::string>(name)});
}

// One mutation of all edits, each on the row as it is now.
Result<Mutation> mutation_of(Authority& authority, const std::vector<Edit>& edits,
                             const ClientId& client) {
  Mutation mutation;
  mutation.hlc = hybrid_time_at(authority.clock().now_ms(), client);
  mutation.is_all_or_nothing = true;
  for (const Edit& edit : edits) {
    const Collection& collection = authority.schema().at(edit.collection);
    TWINSTORE_TRY(const auto stored, load_row(authority.storage(), collection, edit.key));
    TWINSTORE_TRY(auto change, make_change(collection, edit, stored ? &*stored : nullptr));
    if (change) mutation.changes.push_back(*std::move(change));
  }
  return mutation;
}

Result<Edit> decision_edit(const Schema& schema, const RowVersion& conflict,
                           const ConflictDecision& decision) {
  Edit edit;
  edit.collection = conflicts_of(schema).position;
  edit.kind = EditKind::Resolve;
  edit.key = {conflict.values[conflict_field::id]};
  edit.choice = side_texts[static_cast<size_t>(decision.side)];
  if (decision.side != ConflictDecision::Side::Merged) return edit;
  TWINSTORE_TRY(const JsonValue merged, parse_json(decision.merged_json));
  if (!merged.is_object()) {
    return Error{ErrorCode::InvalidArgument, "a merged value is an object of fields"};
  }
  edit.merged_json = decision.merged_json;
  return edit;
}

}  // namespace

Result<std::vector<RowVersion>> open_conflict_rows(const Schema& schema, Storage& storage) {
  Selection open;
  open.equal = {{conflict_field::status, std::string("open")}};
  open.order = {conflict_field::detected_at};
  std::vector<RowVersion> rows;
  TWINSTORE_TRY_VOID(
      storage.select(conflicts_of(schema), open, [&](const Collection&, RowVersion&& row) {
        rows.push_back(std::move(row));
        return true;
      }));
  return rows;
}

std::string conflict_list_mark(const std::vector<RowVersion>& conflicts) {
  std::string text;
  for (const RowVersion& row : conflicts) {
    text += conflict_text(row, conflict_field::id) + "@" + std::to_string(row.rev) + "\n";
  }
  return hex_text(sha256(text), mark_bytes);
}

Result<Outcome> decide_conflict(OwnWrites& writes, const ConflictName& name,
                                const ConflictDecision& decision, std::string_view source,
                                const std::optional<std::string>& expected_mark) {
  Authority& authority = writes.authority();
  const Schema& schema = authority.schema();
  TWINSTORE_TRY(const auto open, open_conflict_rows(schema, authority.storage()));
  if (expected_mark && *expected_mark != conflict_list_mark(open)) {
    return Error{ErrorCode::PreconditionFailed, "the list of conflicts has moved on"};
  }
  TWINSTORE_TRY(const auto conflict, named_conflict(authority.storage(), schema, open, name));
  if (!conflict) return Error{ErrorCode::NotFound, "there is no such conflict"};
  const ClientId client = source_client(source);
  TWINSTORE_TRY(const Edit edit, decision_edit(schema, *conflict, decision));
  TWINSTORE_TRY(const auto edits,
                resolution_edits(schema, edit, &*conflict, authority.clock().now_ms(), client));
  TWINSTORE_TRY(const Mutation mutation, mutation_of(authority, edits, client));
  TWINSTORE_TRY(Outcome outcome, authority.apply(mutation, writes.scopes()));
  if (outcome.status == OutcomeStatus::Rejected) return Error{outcome.code, outcome.message};
  return outcome;
}

}  // namespace twinstore
