// Storing records that a request brings: the handlers, parameters and answers that such routes
// share. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/body_record.h"
#include "api/data_access.h"
#include "api/json_schemas.h"
#include "api/route.h"

namespace twinstore {

// Those of the path, who hands in, and by which strategy.
[[nodiscard]] std::vector<Parameter> storing_parameters(std::vector<Parameter> of_path);
[[nodiscard]] std::vector<Answer> store_answers(std::string schema);
// What became of a record.
[[nodiscard]] JsonSchema result_schema(const Collection& collection);

// `names`: fields of the record with the parameters of the path that say them. One record, guarded
// by If-Match; or {"LIST":[record…]}, in one transaction.
[[nodiscard]] CallHandler storing_one(DataAccess& access, std::string_view collection,
                                      PathFields names);
[[nodiscard]] CallHandler storing_many(DataAccess& access, std::string_view collection,
                                       std::string_view list, PathFields names);

}  // namespace twinstore
