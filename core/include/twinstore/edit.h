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

enum class EditKind : uint8_t { Insert, Upsert, Update, Delete, Resolve };

struct Edit {
  uint16_t collection = 0;
  EditKind kind = EditKind::Update;
  Key key;
  std::vector<std::pair<uint16_t, Value>> fields;  // ascending by field, key fields left out
  std::vector<uint16_t> increments;                // counters whose value is a delta
  std::string choice;                              // Resolve: local, remote or merged
  std::string merged_json;                         // Resolve with merged: values by field name
};

struct EditBatch {
  std::vector<Edit> edits;
  std::string operation;  // a name that makes a repeated write harmless; empty: none
  bool is_all_or_nothing = false;
};

// From {"edits":[{"op":"update","collection":"branches","key":["a/b","main"],
// "fields":{"tags":["x"],"hit_count":{"increment":1}}}],"all_or_nothing":false,"operation":""}. The
// fields of an insert or upsert hold the key as well, and "key" may then be left out. A conflict is
// decided by {"op":"resolve","conflict":ID,"choice":"merged","fields":{…}}. Errors: those of
// parse_json, UnknownCollection, UnknownField, MissingField, WrongType, ValueTooLong,
// NumberOutOfRange, BatchTooLarge; Forbidden for an edit of a collection of the system;
// InvalidArgument for an unknown op or choice.
[[nodiscard]] Result<EditBatch> parse_edits(const Schema& schema, std::string_view json);

// The change that the edit makes to the stored row; nothing when it would change nothing. Not for
// Resolve, which stands for several edits. Errors: RowExists for an insert, RowMissing for an
// update.
[[nodiscard]] Result<std::optional<Change>> make_change(const Collection& collection,
                                                        const Edit& edit, const RowVersion* stored);

}  // namespace twinstore
