// A Selection as statements. Statements of one form share a name, so that each is prepared once on
// a connection. Thread rule: pure.
#pragma once

#include "storage_postgres/connection.h"
#include "twinstore/selection.h"

namespace twinstore::postgres {

struct SelectionQuery {
  Query select;  // a cursor named walk
  Parameters select_parameters;
  Query count;
  Parameters count_parameters;
};
[[nodiscard]] SelectionQuery selection_query(const Collection& collection,
                                             const Selection& selection,
                                             const std::string& workspace);

}  // namespace twinstore::postgres
