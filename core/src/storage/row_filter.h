// What the text of a query says plainly about the rows that it can depend on. It never guesses: of
// a text that is not understood in full it says nothing, and then every row may matter.
// Thread rule: a pure function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "twinstore/record.h"

namespace twinstore {

// column = value, where the value stands in the text or is bound to a parameter.
struct ColumnEquality {
  std::string column;
  size_t parameter = 0;  // from 1; 0: `literal` is the value
  Value literal;
};

// The equalities that a row must meet to matter to `sql`, a statement that SQLite has accepted and
// that reads one table: those that its WHERE joins by AND at the outermost level. Empty for
// compound and nested statements, joins, OR, and whatever else is not understood.
[[nodiscard]] std::vector<ColumnEquality> required_equalities(std::string_view sql);

}  // namespace twinstore
