// The schema: which collections there are, their fields, keys, scopes and merge policies. It is
// written once as JSON; tables, wire columns and TypeScript types come from it. The collections of
// the engine itself are written in the same language (core/schema/system.json).
// The language is described in docs/schema.md. Thread rule: immutable after parse.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "twinstore/limits.h"
#include "twinstore/record.h"
#include "twinstore/result.h"

namespace twinstore {

enum class FieldType : uint8_t { Text, Int, Double, Bool, Time, Json, Set, Counter };
enum class Policy : uint8_t { LatestWins, Merge, Manual };
enum class MergeRule : uint8_t { Latest, Set, Counter, Max, Min, Json, Text, Manual };

[[nodiscard]] std::string_view field_type_text(FieldType type);
// LATEST_WINS, MERGE, MANUAL.
[[nodiscard]] std::string_view policy_text(Policy policy);

struct Field {
  std::string name;
  FieldType type = FieldType::Text;
  bool is_required = false;  // an insert must name it
  Value default_value;       // of a field that an insert does not name
  std::string group;         // fields of one group win or lose together; empty: alone
  MergeRule merge_rule = MergeRule::Latest;
  std::optional<Policy> policy;               // where it differs from the collection's
  size_t bytes_max = limits::text_bytes_max;  // of its text
};

struct Collection {
  std::string name;
  uint16_t position = 0;      // in Schema::collections()
  std::vector<Field> fields;  // the key fields first
  size_t key_count = 1;
  uint16_t scope_field = 0;  // its value names the row's scope and never changes
  Policy policy = Policy::LatestWins;
  bool is_append_only = false;  // rows are inserted, never updated
  bool delete_wins = false;     // MERGE: a concurrent delete beats an edit
  bool is_system = false;       // written by the engine; applications only read it
  bool is_local = false;        // of the system: its rows never leave the device
  std::vector<std::vector<uint16_t>> indexes;
  std::optional<uint16_t> evict_by;  // a time: rows may leave a full device, the oldest first

  // Nothing when there is no such field.
  [[nodiscard]] std::optional<uint16_t> find_field(std::string_view field_name) const;
  [[nodiscard]] Key key_of(const Record& record) const {
    return {record.begin(), record.begin() + static_cast<std::ptrdiff_t>(key_count)};
  }
  // The text of the scope field; empty when it is null.
  [[nodiscard]] std::string scope_of(const Record& record) const;
  // The positions that win or lose together with `field`, itself included.
  [[nodiscard]] std::vector<uint16_t> group_of(uint16_t field) const;
  [[nodiscard]] Policy policy_of(uint16_t field) const {
    return fields[field].policy.value_or(policy);
  }
};

// Another policy for what it names: the fields of a group are chosen together.
struct PolicyChoice {
  std::string collection;  // empty: all of the application's
  std::string field;       // empty: all of the collection
  Policy policy = Policy::LatestWins;
};

class Schema {
 public:
  // Errors: InvalidJson and its kin for text that is not accepted JSON; InvalidSchema, with a
  // sentence that names the collection and field, for anything else.
  [[nodiscard]] static Result<Schema> parse(std::string_view json);

  // The same schema with another policy. A choice for a collection holds for all its fields.
  // Errors: UnknownCollection, UnknownField.
  [[nodiscard]] Result<Schema> with_policy(const PolicyChoice& choice) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int64_t version() const { return version_; }
  // The schema's own in their order, then the system's.
  [[nodiscard]] const std::vector<Collection>& collections() const { return collections_; }
  // Null when there is no such collection; otherwise lives as long as the schema.
  [[nodiscard]] const Collection* find(std::string_view collection_name) const;
  [[nodiscard]] const Collection& at(uint16_t position) const { return collections_[position]; }

 private:
  std::string name_;
  int64_t version_ = 1;
  std::vector<Collection> collections_;
};

}  // namespace twinstore
