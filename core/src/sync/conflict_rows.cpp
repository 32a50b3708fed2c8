#include "sync/conflict_rows.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "base/sha256.h"
#include "merge/merge_value.h"
#include "schema/field_value.h"
#include "twinstore/time_text.h"

namespace twinstore {
namespace {

namespace at = conflict_field;
constexpr size_t id_bytes = 16;

Value document(const JsonValue& json) {
  if (json.is_null()) return {};
  auto text = canonical_json(json);
  TWINSTORE_CHECK(text.ok());  // made of canonical values
  return std::move(text).value();
}

JsonValue parsed(const RowVersion& conflict, uint16_t field) {
  const auto* text = std::get_if<std::string>(&conflict.values[field]);
  if (text == nullptr) return {};
  auto json = parse_json(*text);
  TWINSTORE_CHECK(json.ok());
  return std::move(json).value();
}

void put(JsonValue& side, const Collection& collection, uint16_t field, const Value& value) {
  side[collection.fields[field].name] = from_value(collection.fields[field], value);
}

JsonValue whole_row(const Collection& collection, const RowVersion& row) {
  JsonValue side = JsonValue::object();
  for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
    put(side, collection, static_cast<uint16_t>(i), row.values[i]);
  }
  return side;
}

std::set<uint16_t> met_fields(const Meeting& meeting) {
  const Resolution& resolution = meeting.resolution;
  std::set<uint16_t> fields;
  const auto& open = resolution.conflicts;
  fields.insert(open.begin(), open.end());
  if (!open.empty()) return fields;
  fields.insert(resolution.lost.begin(), resolution.lost.end());
  fields.insert(resolution.replaced.begin(), resolution.replaced.end());
  fields.insert(resolution.merged.begin(), resolution.merged.end());
  return fields;
}

struct Sides {
  std::set<std::string> fields;
  JsonValue base;
  JsonValue local;
  JsonValue remote;
  JsonValue suggested;
};

// An edit of a deleted row keeps the row as it would be, so that deciding for it loses nothing.
Sides whole_sides(const Meeting& meeting) {
  const Collection& collection = *meeting.collection;
  Sides sides;
  for (const FieldChange& field : meeting.change.fields) {
    if (meeting.change.kind == ChangeKind::Delete) continue;
    sides.fields.insert(collection.fields[field.field].name);
  }
  if (!meeting.change.fields.empty()) sides.base = JsonValue::object();
  for (const FieldChange& field : meeting.change.fields) {
    put(sides.base, collection, field.field, field.before);
  }
  if (meeting.change.kind == ChangeKind::Delete) {
    sides.remote = whole_row(collection, meeting.remote);
    sides.suggested = sides.remote;
    return sides;
  }
  RowVersion edited = meeting.remote;
  for (const FieldChange& field : meeting.change.fields) {
    edited.values[field.field] = field.after;
  }
  sides.local = whole_row(collection, edited);
  sides.suggested = sides.local;
  return sides;
}

Sides field_sides(const Meeting& meeting) {
  const Collection& collection = *meeting.collection;
  const std::set<uint16_t> met = met_fields(meeting);
  Sides sides{
      {}, JsonValue::object(), JsonValue::object(), JsonValue::object(), JsonValue::object()};
  for (const FieldChange& field : meeting.change.fields) {
    if (!met.contains(field.field)) continue;
    const Value& remote = meeting.remote.values[field.field];
    const bool is_later = meeting.stamp > meeting.remote.stamp(field.field);
    const MergedValue merged =
        merge_value(collection.fields[field.field], {field.before, field.after, remote, is_later});
    sides.fields.insert(collection.fields[field.field].name);
    put(sides.base, collection, field.field, field.before);
    put(sides.local, collection, field.field, field.after);
    put(sides.remote, collection, field.field, remote);
    put(sides.suggested, collection, field.field, merged.value);
  }
  return sides;
}

void store_sides(RowVersion& row, Sides sides) {
  row.values[at::fields] = document(sides.fields);
  row.values[at::base] = document(sides.base);
  row.values[at::local] = document(sides.local);
  row.values[at::remote] = document(sides.remote);
  row.values[at::suggested] = document(sides.suggested);
}

std::string row_id(const Meeting& meeting) {
  return hex_text(
      sha256(meeting.collection->name + key_text(meeting.change.key) + meeting.asked.text()),
      id_bytes);
}

std::string_view status_of(const Meeting& meeting) {
  switch (meeting.resolution.status) {
    case OutcomeStatus::Conflict: return "open";
    case OutcomeStatus::Superseded: return "superseded";
    case OutcomeStatus::Applied: return "superseded";
    default: return "merged";
  }
}

// Which side was taken where nobody was asked.
Value taken_side(const Meeting& meeting) {
  switch (meeting.resolution.status) {
    case OutcomeStatus::Applied: return std::string("local");
    case OutcomeStatus::Superseded: return std::string("remote");
    case OutcomeStatus::Merged:
      return std::string(meeting.resolution.is_whole_row ? "local" : "merged");
    default: return {};
  }
}

}  // namespace

const Collection& conflicts_of(const Schema& schema) {
  const Collection* collection = schema.find("_conflicts");
  TWINSTORE_CHECK(collection != nullptr);
  return *collection;
}

bool is_kept(const Resolution& resolution) {
  if (resolution.status == OutcomeStatus::Conflict) return true;
  return resolution.is_whole_row || !resolution.lost.empty() || !resolution.replaced.empty() ||
         !resolution.merged.empty();
}

RowVersion conflict_row(const Schema& schema, const Meeting& meeting, int64_t now_ms) {
  const Collection& collection = *meeting.collection;
  RowVersion row;
  row.hlc = meeting.stamp;
  row.values.resize(conflicts_of(schema).fields.size());
  row.values[at::id] = row_id(meeting);
  row.values[at::scope] = collection.scope_of(meeting.now.values);
  row.values[at::collection] = collection.name;
  row.values[at::row_key] = key_text(meeting.change.key);
  row.values[at::status] = std::string(status_of(meeting));
  row.values[at::local_client] = std::string(client_text(meeting.sender));
  row.values[at::local_hlc] = meeting.stamp.text();
  row.values[at::remote_rev] = meeting.now.rev;
  row.values[at::detected_at] = time_text(now_ms);
  row.values[at::resolution] = taken_side(meeting);
  store_sides(row, meeting.resolution.is_whole_row ? whole_sides(meeting) : field_sides(meeting));
  return row;
}

std::optional<RowVersion> with_remote(const Schema& schema, const RowVersion& conflict,
                                      const RowVersion& row, const HybridTime& stamp) {
  const Collection* collection = schema.find(conflict_text(conflict, at::collection));
  if (collection == nullptr) return std::nullopt;
  const JsonValue local = parsed(conflict, at::local);
  JsonValue remote;
  if (!row.is_deleted() && (local.is_null() || is_null(conflict.values[at::remote]))) {
    remote = whole_row(*collection, row);
  } else if (!row.is_deleted()) {
    remote = JsonValue::object();
    for (const JsonValue& name : parsed(conflict, at::fields)) {
      const auto field = collection->find_field(name.get_ref<const std::string&>());
      if (field) put(remote, *collection, *field, row.values[*field]);
    }
  }
  RowVersion next = conflict;
  next.values[at::remote] = document(remote);
  if (next.values[at::remote] == conflict.values[at::remote]) return std::nullopt;
  next.values[at::remote_rev] = row.rev;
  next.hlc = stamp > conflict.latest_stamp() ? stamp : conflict.latest_stamp().next();
  next.stamps.clear();
  return next;
}

RowVersion with_local(const Schema& schema, const RowVersion& conflict, const Meeting& meeting,
                      int64_t now_ms) {
  const RowVersion newer = conflict_row(schema, meeting, now_ms);
  RowVersion next = conflict;
  next.hlc = std::max(newer.hlc, conflict.latest_stamp().next());
  next.stamps.clear();
  for (const uint16_t field : {at::local_client, at::local_hlc, at::remote_rev}) {
    next.values[field] = newer.values[field];
  }
  for (const uint16_t side : {at::base, at::local, at::remote, at::suggested}) {
    JsonValue merged = parsed(conflict, side);
    const JsonValue added = parsed(newer, side);
    if (!merged.is_object() || !added.is_object()) {
      next.values[side] = newer.values[side];
      continue;
    }
    for (auto it = added.begin(); it != added.end(); ++it) {
      if (side == at::base && merged.contains(it.key())) continue;  // what both began with
      merged[it.key()] = it.value();
    }
    next.values[side] = document(merged);
  }
  std::set<std::string> names;
  for (const RowVersion* row : {&conflict, &newer}) {
    for (const JsonValue& name : parsed(*row, at::fields)) names.insert(name.get<std::string>());
  }
  next.values[at::fields] = document(names);
  return next;
}

std::string conflict_text(const RowVersion& conflict, uint16_t field) {
  const auto* text = std::get_if<std::string>(&conflict.values[field]);
  return text == nullptr ? std::string() : *text;
}

bool is_open_conflict(const RowVersion& conflict) {
  return !conflict.is_deleted() && conflict_text(conflict, at::status) == "open";
}

}  // namespace twinstore
