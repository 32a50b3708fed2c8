// What the applications of the simulation write: few rows, so that they meet; values that are never
// used twice, so that a value tells who wrote it.
// Thread rule: plain value.
#pragma once

#include <functional>

#include "plan.h"
#include "random.h"

namespace twinstore::sim {

inline constexpr int scopes_count = 3;

class Workload {
 public:
  // A row as the writing application sees it.
  using Read = std::function<JsonValue(const RowName&)>;

  // `collections` are those to write, one bit for each by its position.
  Workload(const Schema& schema, uint64_t collections);

  [[nodiscard]] Plan write(Random& random, const Read& read);
  // A decision of an open conflict, given as an application reads its row.
  [[nodiscard]] Plan decide(Random& random, const JsonValue& conflict);

 private:
  PlannedEdit edit(Random& random, const Collection& collection, const Read& read);
  std::vector<PlannedEdit> pair(Random& random, const Read& read);
  JsonValue key(Random& random, const Collection& collection);
  JsonValue value(Random& random, const Field& field, const JsonValue& now);
  std::string fresh_text();

  const Schema& schema_;
  std::vector<const Collection*> written_;
  int64_t next_ = 1;
};

[[nodiscard]] inline std::string scope_name(uint64_t number) {
  return "s" + std::to_string(number);
}

}  // namespace twinstore::sim
