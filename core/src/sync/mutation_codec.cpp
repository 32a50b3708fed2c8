#include "sync/mutation_codec.h"

#include <algorithm>
#include <array>

#include "schema/field_value.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 3> change_kind_texts{"insert", "update", "delete"};

Error malformed(std::string message) { return {ErrorCode::InvalidJson, std::move(message)}; }

void append_time(std::string& out, const HybridTime& time) {
  append_json_string(out, time.is_set() ? time.text() : std::string());
}

void append_change(std::string& out, const Schema& schema, const Change& change) {
  const Collection& collection = schema.at(change.collection);
  out += "{\"collection\":\"" + collection.name + "\",\"key\":" + key_text(change.key) +
         ",\"kind\":\"" + std::string(change_kind_texts[static_cast<size_t>(change.kind)]) +
         "\",\"base_rev\":" + std::to_string(change.base_rev) + ",\"seen\":";
  append_time(out, change.seen);
  out += ",\"fields\":{";
  bool first = true;
  for (const FieldChange& field : change.fields) {
    if (!std::exchange(first, false)) out += ',';
    append_json_string(out, collection.fields[field.field].name);
    out += ":[";
    append_json_value(out, field.before);
    out += ',';
    append_json_value(out, field.after);
    if (field.seen != change.seen) {
      out += ',';
      append_time(out, field.seen);
    }
    out += ']';
  }
  out += "}}";
}

Result<bool> read_flag(const JsonValue& json, const char* name) {
  const JsonValue flag = json.value(name, JsonValue(false));
  if (!flag.is_boolean()) return malformed(std::string(name) + " is true or false");
  return flag.get<bool>();
}

Result<FieldChange> read_field(const Collection& collection, const std::string& name,
                               const JsonValue& parts, const Change& change) {
  const auto at = collection.find_field(name);
  if (!at) return Error{ErrorCode::UnknownField, collection.name + " has no field " + name};
  if (*at < collection.key_count) {
    return Error{ErrorCode::WrongType, collection.name + "." + name + " is part of the key"};
  }
  if (!parts.is_array() || parts.size() < 2 || parts.size() > 3) {
    return malformed("a changed field is [before, after] or [before, after, seen]");
  }
  const Field& field = collection.fields[*at];
  FieldChange out;
  out.field = *at;
  TWINSTORE_TRY(out.before, check_wire_value(field, parts[0]));
  TWINSTORE_TRY(out.after, check_wire_value(field, parts[1]));
  out.seen = change.seen;
  if (parts.size() == 3) {
    TWINSTORE_TRY(out.seen, read_time(parts[2]));
  }
  return out;
}

Result<Change> read_change(const Schema& schema, const JsonValue& json) {
  TWINSTORE_TRY(const std::string name, json_text(json, "collection"));
  const Collection* collection = schema.find(name);
  if (collection == nullptr) {
    return Error{ErrorCode::UnknownCollection, "there is no collection " + name};
  }
  if (collection->is_local) return malformed("rows of " + name + " do not travel");
  Change change;
  change.collection = collection->position;
  const JsonValue* key = json_array(json, "key");
  if (key == nullptr) return malformed("a change needs a key");
  TWINSTORE_TRY(change.key, to_key(*collection, *key));
  TWINSTORE_TRY(const std::string kind, json_text(json, "kind"));
  const auto at = std::ranges::find(change_kind_texts, kind);
  if (at == change_kind_texts.end())
    return malformed("a change is an insert, an update or a delete");
  change.kind = static_cast<ChangeKind>(at - change_kind_texts.begin());
  TWINSTORE_TRY(change.base_rev, json_integer(json, "base_rev"));
  if (change.base_rev < 0) return malformed("base_rev is never negative");
  TWINSTORE_TRY(change.seen, read_time(json.value("seen", JsonValue(""))));
  if (const JsonValue* fields = json_object(json, "fields")) {
    for (auto it = fields->begin(); it != fields->end(); ++it) {
      TWINSTORE_TRY(FieldChange field, read_field(*collection, it.key(), it.value(), change));
      change.fields.push_back(std::move(field));
    }
  }
  std::ranges::sort(change.fields, {}, &FieldChange::field);
  return change;
}

}  // namespace

Result<HybridTime> read_time(const JsonValue& json) {
  if (!json.is_string()) return malformed("a hybrid time is a text");
  const std::string& text = json.get_ref<const std::string&>();
  if (text.empty()) return HybridTime{};
  return parse_hybrid_time(text);
}

void append_mutation(std::string& out, const Schema& schema, const Mutation& mutation) {
  out += "{\"seq\":" + std::to_string(mutation.seq) + ",\"hlc\":";
  append_time(out, mutation.hlc);
  if (mutation.is_all_or_nothing) out += ",\"all_or_nothing\":true";
  out += ",\"changes\":[";
  bool first = true;
  for (const Change& change : mutation.changes) {
    if (!std::exchange(first, false)) out += ',';
    append_change(out, schema, change);
  }
  out += "]}";
}

Result<Mutation> read_mutation(const Schema& schema, const JsonValue& json) {
  Mutation mutation;
  TWINSTORE_TRY(mutation.seq, json_integer(json, "seq"));
  if (mutation.seq < 0) return malformed("seq is never negative");
  TWINSTORE_TRY(mutation.hlc, read_time(json.value("hlc", JsonValue(nullptr))));
  if (!mutation.hlc.is_set()) return malformed("a mutation needs its time");
  TWINSTORE_TRY(mutation.is_all_or_nothing, read_flag(json, "all_or_nothing"));
  const JsonValue* changes = json_array(json, "changes");
  if (changes == nullptr || changes->empty()) return malformed("a mutation needs changes");
  if (changes->size() > limits::changes_per_mutation_max) {
    return Error{ErrorCode::BatchTooLarge, "a mutation has at most 10,000 changes"};
  }
  for (const JsonValue& item : *changes) {
    TWINSTORE_TRY(Change change, read_change(schema, item));
    mutation.changes.push_back(std::move(change));
  }
  return mutation;
}

std::string encode_mutation(const Schema& schema, const Mutation& mutation) {
  std::string out;
  append_mutation(out, schema, mutation);
  return out;
}

Result<Mutation> decode_mutation(const Schema& schema, std::string_view text) {
  TWINSTORE_TRY(const JsonValue json, parse_json(text));
  return read_mutation(schema, json);
}

}  // namespace twinstore
