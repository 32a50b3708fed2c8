// A Selection as SQL that SQLite and PostgreSQL share; they differ in how a parameter is written.
// Thread rule: pure functions.
#pragma once

#include <functional>
#include <string>

#include "twinstore/schema.h"
#include "twinstore/selection.h"

namespace twinstore {

// A value to bind, and the type of the field that it is compared with.
struct SelectionParameter {
  FieldType type;
  Value value;
};

struct SelectionSql {
  std::string columns;     // the fields and the row's version, those left out as NULL
  std::string conditions;  // empty: none
  std::string order;       // " ORDER BY …"
  std::vector<SelectionParameter> parameters;
};

// `mark` writes the parameter of a number, from 1.
[[nodiscard]] SelectionSql selection_sql(const Collection& collection, const Selection& selection,
                                         const std::function<std::string(size_t)>& mark);

}  // namespace twinstore
