// Which live rows of a collection are wanted, and in which order: what services ask a storage for.
// Every engine answers it the same way, by the collection's indexes. Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "twinstore/record.h"

namespace twinstore {

struct Selection {
  enum class Side : uint8_t { Below, From };  // field < value; field >= value
  struct Bound {
    uint16_t field = 0;
    Side side = Side::Below;
    Value value;
  };

  // A row is taken when each of these holds. Values are not null, and a row whose field is null is
  // never taken by it. Requires fields of type text, int, bool, time or counter.
  std::vector<std::pair<uint16_t, Value>> equal{};
  std::vector<Bound> bounds{};

  // The order: these fields, then the key; all ascending, or all descending. Rows in which one of
  // these is null are left out. Text is ordered by its bytes. Types as above.
  std::vector<uint16_t> order{};
  bool is_descending = false;
  // Continues after a row: the values of order_of() in it. Empty: from the beginning.
  std::vector<Value> after{};

  size_t rows_max = 0;               // 0: all
  std::vector<uint16_t> left_out{};  // fields that come back null, so that no document is read
};

// The fields that the rows are ordered by, those that `equal` fixes left out.
[[nodiscard]] std::vector<uint16_t> order_of(const Selection& selection, size_t key_count);

}  // namespace twinstore
