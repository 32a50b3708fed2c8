// The data itself: values, rows, and the versions of rows that replicas exchange.
// Thread rule: plain values. Next: schema.h says which values a collection accepts.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "twinstore/hybrid_time.h"

namespace twinstore {

// The position of a commit in the authority's order; 0 before there is one.
using Rev = int64_t;

// null, integer (within ±(2^53-1)), finite double, or UTF-8 text. Booleans are the integers 0 and
// 1; times, sets and JSON documents are canonical text. The schema tells them apart.
using Value = std::variant<std::monostate, int64_t, double, std::string>;

[[nodiscard]] inline bool is_null(const Value& value) { return value.index() == 0; }

// A row's values, one for each field of its collection, in the schema's order.
using Record = std::vector<Value>;
// The key fields' values: the first fields of the record. Never null.
using Key = std::vector<Value>;

// A row as the authority or a replica holds it.
// Invariants: (1) a field without an entry in `stamps` was written at `hlc`; (2) `stamps` is sorted
// by field; (3) the row is deleted if and only if `deleted_at` is set, and then `deleted_at` is
// later than every stamp, while `values` keeps the last image.
struct RowVersion {
  Rev rev = 0;
  HybridTime hlc;
  std::vector<std::pair<uint16_t, HybridTime>> stamps;
  HybridTime deleted_at;
  Record values;

  [[nodiscard]] bool is_deleted() const { return deleted_at.is_set(); }
  [[nodiscard]] const HybridTime& stamp(uint16_t field) const;
  void set_stamp(uint16_t field, const HybridTime& time);
  // The latest of all stamps of fields (not of a deletion).
  [[nodiscard]] const HybridTime& latest_stamp() const;

  friend bool operator==(const RowVersion&, const RowVersion&) = default;
};

// Which row, across collections. `collection` is the position in the schema.
struct RowId {
  uint16_t collection = 0;
  Key key;

  friend auto operator<=>(const RowId&, const RowId&) = default;
};

}  // namespace twinstore
