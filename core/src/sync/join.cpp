#include "sync/join.h"

#include <algorithm>
#include <cstdlib>

#include "twinstore/limits.h"

namespace twinstore {
namespace {

bool is_one_edit(const Mutation& mutation) {
  return !mutation.is_all_or_nothing && mutation.changes.size() == 1 &&
         mutation.changes[0].kind != ChangeKind::Delete;
}

// False when the sum of two deltas is not a number that travels.
bool join_field(const Field& type, FieldChange& first, const FieldChange& second) {
  if (type.type != FieldType::Counter) {
    first.after = second.after;
    return true;
  }
  const int64_t sum = std::get<int64_t>(first.after) + std::get<int64_t>(second.after);
  first.after = sum;
  return std::llabs(sum) <= limits::integer_max;
}

}  // namespace

std::optional<Mutation> join_mutations(const Schema& schema, const Mutation& first,
                                       const Mutation& second) {
  if (!is_one_edit(first) || !is_one_edit(second)) return std::nullopt;
  const Change& later = second.changes[0];
  Mutation joined = first;
  joined.hlc = second.hlc;
  Change& change = joined.changes[0];
  const bool is_same_row = change.collection == later.collection && change.key == later.key;
  if (!is_same_row || later.kind != ChangeKind::Update) return std::nullopt;
  // A field that only the first changed would become as late as the second, and win undeservedly.
  const bool covers = std::ranges::all_of(change.fields, [&](const FieldChange& field) {
    return std::ranges::find(later.fields, field.field, &FieldChange::field) != later.fields.end();
  });
  if (!covers) return std::nullopt;
  const Collection& collection = schema.at(change.collection);
  for (const FieldChange& field : later.fields) {
    const auto at = std::ranges::find(change.fields, field.field, &FieldChange::field);
    if (at == change.fields.end()) {
      change.fields.push_back(field);
    } else if (!join_field(collection.fields[field.field], *at, field)) {
      return std::nullopt;
    }
  }
  std::ranges::sort(change.fields, {}, &FieldChange::field);
  return joined;
}

}  // namespace twinstore
