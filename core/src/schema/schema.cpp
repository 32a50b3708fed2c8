#include "twinstore/schema.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "schema/field_value.h"
#include "twinstore/embedded_system.h"
#include "twinstore/limits.h"

namespace twinstore {
namespace {

constexpr std::array<std::string_view, 8> type_texts{"text", "int",  "double", "bool",
                                                     "time", "json", "set",    "counter"};
constexpr std::array<std::string_view, 8> rule_texts{"latest", "set",  "counter", "max",
                                                     "min",    "json", "text",    "manual"};
constexpr std::array<std::string_view, 3> policy_texts{"LATEST_WINS", "MERGE", "MANUAL"};

template <size_t N>
std::optional<uint8_t> position_of(const std::array<std::string_view, N>& texts,
                                   std::string_view text) {
  const auto at = std::ranges::find(texts, text);
  if (at == texts.end()) return std::nullopt;
  return static_cast<uint8_t>(at - texts.begin());
}

Error invalid(std::string message) { return {ErrorCode::InvalidSchema, std::move(message)}; }

bool is_identifier(std::string_view name) {
  constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && name.size() <= limits::name_bytes_max &&
         first.find(name[0]) != std::string_view::npos &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

// Only the members that the language knows: a misspelt one must not pass for a default.
Result<void> expect_members(const JsonValue& object, std::initializer_list<std::string_view> known,
                            const std::string& where) {
  if (!object.is_object()) return invalid(where + " must be an object");
  for (auto it = object.begin(); it != object.end(); ++it) {
    if (std::ranges::find(known, it.key()) == known.end()) {
      return invalid(where + " does not know the member " + it.key());
    }
  }
  return {};
}

Result<std::optional<Policy>> read_policy(const JsonValue& object, const std::string& where) {
  const auto at = object.find("policy");
  if (at == object.end()) return std::optional<Policy>{};
  const auto policy =
      at->is_string() ? position_of(policy_texts, at->get_ref<const std::string&>()) : std::nullopt;
  if (!policy) return invalid(where + ": policy is LATEST_WINS, MERGE or MANUAL");
  return std::optional{static_cast<Policy>(*policy)};
}

Result<bool> read_flag(const JsonValue& object, const char* name, const std::string& where) {
  const auto at = object.find(name);
  if (at == object.end()) return false;
  if (!at->is_boolean()) return invalid(where + ": " + name + " is true or false");
  return at->get<bool>();
}

MergeRule default_rule(FieldType type) {
  if (type == FieldType::Set) return MergeRule::Set;
  if (type == FieldType::Counter) return MergeRule::Counter;
  return MergeRule::Latest;
}

bool fits(MergeRule rule, FieldType type) {
  const bool is_number = type == FieldType::Int || type == FieldType::Double;
  switch (rule) {
    case MergeRule::Set: return type == FieldType::Set;
    case MergeRule::Counter: return type == FieldType::Counter;
    case MergeRule::Max:
    case MergeRule::Min: return is_number || type == FieldType::Time;
    case MergeRule::Json: return type == FieldType::Json;
    case MergeRule::Text: return type == FieldType::Text;
    case MergeRule::Latest:
    case MergeRule::Manual: return type != FieldType::Counter;
  }
  return false;
}

Result<Field> read_field(const JsonValue& object, const std::string& collection) {
  TWINSTORE_TRY_VOID(
      expect_members(object, {"name", "type", "required", "default", "group", "merge", "policy"},
                     "a field of " + collection));
  Field field;
  const auto name = json_text(object, "name");
  if (!name.ok() || !is_identifier(name.value())) {
    return invalid("a field of " + collection + " needs a name of a-z, 0-9 and _");
  }
  field.name = name.value();
  const std::string where = collection + "." + field.name;
  const auto type_text = json_text(object, "type");
  const auto type = type_text.ok() ? position_of(type_texts, type_text.value()) : std::nullopt;
  if (!type)
    return invalid(where + ": type is text, int, double, bool, time, json, set or counter");
  field.type = static_cast<FieldType>(*type);
  field.merge_rule = default_rule(field.type);
  if (object.contains("merge")) {
    const auto rule_text = json_text(object, "merge");
    const auto rule = rule_text.ok() ? position_of(rule_texts, rule_text.value()) : std::nullopt;
    if (!rule || !fits(static_cast<MergeRule>(*rule), field.type)) {
      return invalid(where + ": this merge rule does not fit the type");
    }
    field.merge_rule = static_cast<MergeRule>(*rule);
  }
  TWINSTORE_TRY(field.is_required, read_flag(object, "required", where));
  TWINSTORE_TRY(field.policy, read_policy(object, where));
  if (object.contains("group")) {
    const auto group = json_text(object, "group");
    if (!group.ok() || !is_identifier(group.value()) || field.type == FieldType::Counter) {
      return invalid(where + ": a group is a name, and no counter can be in one");
    }
    field.group = group.value();
  }
  field.default_value = type_default(field.type);
  if (const auto at = object.find("default"); at != object.end()) {
    auto value = to_value(field, *at);
    if (!value.ok()) return invalid(where + ": the default is not of the field's type");
    field.default_value = std::move(value).value();
  }
  return field;
}

Result<std::vector<uint16_t>> read_field_list(const Collection& collection,
                                              const JsonValue& names) {
  std::vector<uint16_t> positions;
  if (names.is_array()) {
    for (const JsonValue& name : names) {
      const auto at = name.is_string() ? collection.find_field(name.get_ref<const std::string&>())
                                       : std::nullopt;
      if (!at || std::ranges::find(positions, *at) != positions.end()) {
        return invalid(collection.name + ": an index or key names its fields, each once");
      }
      positions.push_back(*at);
    }
  }
  if (positions.empty()) return invalid(collection.name + ": an index or key names its fields");
  return positions;
}

Result<void> read_key_and_scope(Collection& collection, const JsonValue& object) {
  const JsonValue* key = json_array(object, "key");
  if (key == nullptr) return invalid(collection.name + " needs a key");
  TWINSTORE_TRY(const auto positions, read_field_list(collection, *key));
  for (size_t i = 0; i < positions.size(); ++i) {
    const Field& field = collection.fields[i];
    if (positions[i] != i) return invalid(collection.name + ": the key fields come first");
    if (field.type != FieldType::Text && field.type != FieldType::Int) {
      return invalid(collection.name + "." + field.name + ": a key field is text or int");
    }
    if (!field.group.empty()) return invalid(collection.name + ": a key field has no group");
  }
  collection.key_count = positions.size();
  const auto scope = json_text(object, "scope");
  const auto at = scope.ok() ? collection.find_field(scope.value()) : std::nullopt;
  if (!at || collection.fields[*at].type != FieldType::Text) {
    return invalid(collection.name + ": scope names a text field");
  }
  collection.scope_field = *at;
  return {};
}

// A B-tree takes entries up to a bound only (postgresql.org/docs/15/btree-implementation.html), so
// texts that stand in an index are bounded, and an index must keep within it.
Result<void> bound_indexed_texts(Collection& collection) {
  const auto is_key = [&](uint16_t position) { return position < collection.key_count; };
  for (size_t i = 0; i < collection.key_count; ++i) {
    collection.fields[i].bytes_max = limits::key_bytes_max;
  }
  collection.fields[collection.scope_field].bytes_max = limits::key_bytes_max;
  for (const auto& index : collection.indexes) {
    size_t bytes = 0;
    size_t key_bytes = 0;
    for (const uint16_t position : index) {
      Field& field = collection.fields[position];
      const bool is_bounded_here =
          field.type == FieldType::Text && !is_key(position) && position != collection.scope_field;
      if (is_bounded_here) field.bytes_max = limits::indexed_bytes_max;
      const size_t most = field.type == FieldType::Text ? field.bytes_max : sizeof(int64_t);
      (is_key(position) ? key_bytes : bytes) += most;
    }
    if (bytes + std::min(key_bytes, limits::row_key_bytes_max) > limits::index_bytes_max) {
      return invalid(collection.name + ": an index has too many text fields");
    }
  }
  return {};
}

// A group is decided as a whole, so a rule that decides by value cannot hold in it.
Result<void> check_groups(const Collection& collection) {
  for (const Field& field : collection.fields) {
    const bool is_whole = field.merge_rule == MergeRule::Latest ||
                          field.merge_rule == MergeRule::Manual || field.type == FieldType::Set;
    if (!field.group.empty() && !is_whole) {
      return invalid(collection.name + "." + field.name + ": a group merges as latest or manual");
    }
  }
  return {};
}

Result<Collection> read_collection(const JsonValue& object, bool is_system) {
  TWINSTORE_TRY_VOID(expect_members(object,
                                    {"name", "key", "scope", "fields", "indexes", "policy",
                                     "append_only", "delete_wins", "atomic", "local", "evict_by"},
                                    "a collection"));
  Collection collection;
  const auto name = json_text(object, "name");
  // Names with _ in front are the engine's own.
  const bool is_named = name.ok() && !name.value().starts_with("sqlite") &&
                        is_identifier(name.value().substr(is_system ? 1 : 0));
  if (!is_named) return invalid("a collection needs a name of a-z, 0-9 and _");
  collection.name = name.value();
  collection.is_system = is_system;
  TWINSTORE_TRY(collection.is_local, read_flag(object, "local", collection.name));
  if (collection.is_local && !is_system) {
    return invalid(collection.name + ": only the engine's own collections are local");
  }
  const JsonValue* fields = json_array(object, "fields");
  if (fields == nullptr || fields->empty() || fields->size() > limits::fields_max) {
    return invalid(collection.name + " needs 1 to 128 fields");
  }
  TWINSTORE_TRY(const bool is_atomic, read_flag(object, "atomic", collection.name));
  for (const JsonValue& item : *fields) {
    TWINSTORE_TRY(Field field, read_field(item, collection.name));
    if (collection.find_field(field.name)) {
      return invalid(collection.name + "." + field.name + " is named twice");
    }
    if (is_system) field.bytes_max = limits::conflict_value_bytes_max;
    collection.fields.push_back(std::move(field));
  }
  TWINSTORE_TRY_VOID(read_key_and_scope(collection, object));
  if (is_atomic) {
    for (size_t i = collection.key_count; i < collection.fields.size(); ++i) {
      Field& field = collection.fields[i];
      if (field.type != FieldType::Counter) field.group = "row";
    }
  }
  TWINSTORE_TRY_VOID(check_groups(collection));
  TWINSTORE_TRY(const auto policy, read_policy(object, collection.name));
  collection.policy = policy.value_or(Policy::LatestWins);
  TWINSTORE_TRY(collection.is_append_only, read_flag(object, "append_only", collection.name));
  TWINSTORE_TRY(collection.delete_wins, read_flag(object, "delete_wins", collection.name));
  if (const JsonValue* indexes = json_array(object, "indexes")) {
    for (const JsonValue& index : *indexes) {
      TWINSTORE_TRY(auto positions, read_field_list(collection, index));
      collection.indexes.push_back(std::move(positions));
    }
  }
  TWINSTORE_TRY_VOID(bound_indexed_texts(collection));
  if (object.contains("evict_by")) {
    const auto field = json_text(object, "evict_by");
    if (field.ok()) collection.evict_by = collection.find_field(field.value());
    const auto& at = collection.evict_by;
    if (!at || collection.fields[*at].type != FieldType::Time) {
      return invalid(collection.name + ": evict_by names a time field");
    }
  }
  return collection;
}

Result<void> read_collections(const JsonValue& items, bool is_system,
                              std::vector<Collection>& collections) {
  for (const JsonValue& item : items) {
    TWINSTORE_TRY(Collection collection, read_collection(item, is_system));
    if (std::ranges::find(collections, collection.name, &Collection::name) != collections.end()) {
      return invalid("the collection " + collection.name + " is named twice");
    }
    collection.position = static_cast<uint16_t>(collections.size());
    collections.push_back(std::move(collection));
  }
  return {};
}

}  // namespace

std::string_view field_type_text(FieldType type) { return type_texts[static_cast<size_t>(type)]; }

std::string_view policy_text(Policy policy) { return policy_texts[static_cast<size_t>(policy)]; }

std::optional<uint16_t> Collection::find_field(std::string_view field_name) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field_name) return static_cast<uint16_t>(i);
  }
  return std::nullopt;
}

std::string Collection::scope_of(const Record& record) const {
  const auto* text = std::get_if<std::string>(&record[scope_field]);
  return text == nullptr ? std::string() : *text;
}

std::vector<uint16_t> Collection::group_of(uint16_t field) const {
  const std::string& group = fields[field].group;
  if (group.empty()) return {field};
  std::vector<uint16_t> members;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].group == group) members.push_back(static_cast<uint16_t>(i));
  }
  return members;
}

Result<Schema> Schema::parse(std::string_view json) {
  if (json.size() > limits::schema_bytes_max) return invalid("a schema has at most 256 KiB");
  TWINSTORE_TRY(const JsonValue root, parse_json(json));
  TWINSTORE_TRY_VOID(expect_members(root, {"name", "version", "collections"}, "the schema"));
  Schema schema;
  const auto name = json_text(root, "name");
  if (!name.ok() || !is_identifier(name.value())) return invalid("the schema needs a name");
  schema.name_ = name.value();
  const auto version = json_integer(root, "version");
  if (!version.ok() || version.value() < 1) return invalid("the schema needs a version from 1");
  schema.version_ = version.value();
  const JsonValue* collections = json_array(root, "collections");
  if (collections == nullptr || collections->empty() ||
      collections->size() > limits::collections_max) {
    return invalid("the schema needs 1 to 64 collections");
  }
  TWINSTORE_TRY_VOID(read_collections(*collections, false, schema.collections_));
  TWINSTORE_TRY(const JsonValue system, parse_json(system_schema_json));
  TWINSTORE_TRY_VOID(read_collections(system["collections"], true, schema.collections_));
  return schema;
}

Result<Schema> Schema::with_policy(const PolicyChoice& choice) const {
  Schema schema = *this;
  bool is_known = choice.collection.empty();
  for (Collection& collection : schema.collections_) {
    const bool is_meant = choice.collection.empty() || choice.collection == collection.name;
    if (collection.is_system || !is_meant) continue;
    is_known = true;
    if (choice.field.empty()) {
      collection.policy = choice.policy;
      for (Field& field : collection.fields) field.policy.reset();
      continue;
    }
    const auto position = collection.find_field(choice.field);
    if (!position || *position < collection.key_count) {
      return Error{ErrorCode::UnknownField, collection.name + " has no field " + choice.field};
    }
    for (const uint16_t member : collection.group_of(*position)) {
      collection.fields[member].policy = choice.policy;
    }
  }
  if (is_known) return schema;
  return Error{ErrorCode::UnknownCollection, "there is no collection " + choice.collection};
}

const Collection* Schema::find(std::string_view collection_name) const {
  const auto at = std::ranges::find(collections_, collection_name, &Collection::name);
  return at == collections_.end() ? nullptr : &*at;
}

}  // namespace twinstore
