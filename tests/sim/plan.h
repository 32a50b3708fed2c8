// One write of an application: its edits as JSON, and what a naive reader expects of them.
// Thread rule: plain values and pure functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "twinstore/schema.h"

namespace twinstore::sim {

// A row by collection and canonical key text, such as {"pairs", "[\"s0\",1]"}.
using RowName = std::pair<std::string, std::string>;
[[nodiscard]] std::string text_of(const RowName& row);

struct PlannedEdit {
  std::string op;
  std::string collection;
  JsonValue key;  // an array
  JsonValue fields = JsonValue::object();

  [[nodiscard]] RowName row() const { return {collection, key.dump()}; }
};

struct Plan {
  std::vector<PlannedEdit> edits;
  std::string operation;
  bool is_all_or_nothing = false;
  // A decision of a conflict; then `edits` is what it stands for, without the conflict's own row.
  std::string conflict;
  std::string choice;
  JsonValue merged;

  [[nodiscard]] std::string text() const;
};

// Rows as an application reads them; null where there is none.
using Views = std::map<RowName, JsonValue>;

struct Expectation {
  Views after;
  std::string error;  // the wire text of an error's code; empty: the write succeeds
};

// What the edits make of `before`, which holds a view of every row that they name.
[[nodiscard]] Expectation expect(const Schema& schema, const Plan& plan, const Views& before);

}  // namespace twinstore::sim
