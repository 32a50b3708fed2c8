// What one device promised to deliver, and what the server got from it: for each row the last value
// of each field and the sum of each counter since the row was last deleted. Edits may be joined on
// the way, so single writes are not compared. Thread rule: plain value.
#pragma once

#include <optional>

#include "plan.h"

namespace twinstore::sim {

struct RowLedger {
  bool is_deleted = false;
  std::map<std::string, JsonValue> last;
  std::map<std::string, int64_t> counters;

  friend bool operator==(const RowLedger&, const RowLedger&) = default;
};

class Ledger {
 public:
  explicit Ledger(const Schema& schema) : schema_(schema) {}

  // A write that was acknowledged, with the views before it.
  void promise(const Plan& plan, const Views& before);
  // A change of a mutation in its wire form, when the server first commits its outcome.
  void arrive(const JsonValue& change);
  // Sentences about what differs; empty when everything promised has arrived.
  [[nodiscard]] std::string difference() const;
  [[nodiscard]] bool has_written(const RowName& row) const { return promised_.contains(row); }

 private:
  const Schema& schema_;
  std::map<RowName, RowLedger> promised_;
  std::map<RowName, RowLedger> arrived_;
};

// A wire value with its documents and sets as JSON.
[[nodiscard]] JsonValue from_wire(const Field& field, const JsonValue& value);

}  // namespace twinstore::sim
