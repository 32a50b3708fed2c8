// Edits: what an application asks for, before it becomes a mutation.
// Thread rule: plain values and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/change.h"
#include "twinstore/schema.h"

namespace twinstore {

// The last three ask for a refresh (refresh_task.h); the replica turns them into ordinary edits.
enum class EditKind : uint8_t { Insert, Upsert, Update, Delete, Resolve, Mark, Schedule, Cancel };

struct Edit {
  uint16_t collection = 0;
  EditKind kind = EditKind::Update;
  Key key;
  std::vector<std::pair<uint16_t, Value>> fields;  // ascending by field, key fields left out
  std::vector<uint16_t> increments;                // counters whose value is a delta
  std::string choice;                              // Resolve: local, remote or merged
  std::string merged_json;                         // Resolve with merged: values by field name
  int64_t delay_minutes = 0;                       // Schedule
};

struct EditBatch {
  std::vector<Edit> edits;
  std::string operation;  // a name that makes a repeated write harmless; empty: none
  bool is_all_or_nothing = false;
};

// From {"edits":[{"op":"update","collection":"branches","key":["a/b","main"],
// "fields":{"tags":["x"],"hit_count":{"increment":1}}}],"all_or_nothing":false,"operation":""}. The
// fields of an insert or upsert hold the key as well, and "key" may then be left out. Edits that
// name the same fields are told as rows, with their key among the columns:
// {"op":"insert","collection":"branches","columns":["repo_id","name"],"rows":[["a/b","main"]]}.
// A conflict is decided by {"op":"resolve","conflict":ID,"choice":"merged","fields":{…}}, a write
// that was refused by the same with "rejected": "local" tries it again, "merged" with other values,
// "remote" gives it up. A refresh
// is asked for by {"op":"mark_for_refresh","repo_id":R,"branch_name":B} and by
// {"op":"schedule_refresh","task":ID,"repo_id":R,"branch_name":B,"delay_minutes":0}, and given up
// by {"op":"cancel_refresh","task":ID}. Errors: those of parse_json, UnknownCollection,
// UnknownField, MissingField, WrongType, ValueTooLong, NumberOutOfRange, BatchTooLarge; Forbidden
// for an edit of a collection of the system; InvalidArgument for an unknown op or choice, a delay
// that is not accepted, or rows that do not fit their columns.
[[nodiscard]] Result<EditBatch> parse_edits(const Schema& schema, std::string_view json);

// The change that the edit makes to the stored row; nothing when it would change nothing. Not for
// Resolve and what follows it, which stand for other edits. Errors: RowExists for an insert,
// RowMissing for an update.
[[nodiscard]] Result<std::optional<Change>> make_change(const Collection& collection,
                                                        const Edit& edit, const RowVersion* stored);

}  // namespace twinstore
