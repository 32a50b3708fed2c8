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

enum class EditKind : uint8_t { Insert, Upsert, Update, Delete };

struct Edit {
  uint16_t collection = 0;
  EditKind kind = EditKind::Update;
  Key key;
  std::vector<std::pair<uint16_t, Value>> fields;  // ascending by field, key fields left out
  std::vector<uint16_t> increments;                // counters whose value is a delta
};

struct EditBatch {
  std::vector<Edit> edits;
  std::string operation;  // a name that makes a repeated write harmless; empty: none
  bool is_all_or_nothing = false;
};

// From {"edits":[{"op":"update","collection":"branches","key":["a/b","main"],
// "fields":{"tags":["x"],"hit_count":{"increment":1}}}],"all_or_nothing":false,"operation":""}. The
// fields of an insert or upsert hold the key as well, and "key" may then be left out. Errors: those
// of parse_json, UnknownCollection, UnknownField, MissingField, WrongType, ValueTooLong,
// NumberOutOfRange, BatchTooLarge; InvalidArgument for an unknown op.
[[nodiscard]] Result<EditBatch> parse_edits(const Schema& schema, std::string_view json);

// The change that the edit makes to the stored row; nothing when it would change nothing.
// Errors: RowExists for an insert, RowMissing for an update.
[[nodiscard]] Result<std::optional<Change>> make_change(const Collection& collection,
                                                        const Edit& edit, const RowVersion* stored);

}  // namespace twinstore
