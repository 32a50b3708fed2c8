// Where a page of an answer ends, as the text that asks for the next one. Clients hand it back as
// it is. Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/arguments.h"
#include "twinstore/schema.h"

namespace twinstore {

// What a route with pages takes.
[[nodiscard]] Parameter page_limit(int64_t default_rows);
[[nodiscard]] Parameter page_after();

[[nodiscard]] std::string place_text(const std::vector<Value>& place);
// Values of the types of these fields, none null. Errors: InvalidArgument for what no answer gave.
[[nodiscard]] Result<std::vector<Value>> read_place(std::string_view text,
                                                    const Collection& collection,
                                                    const std::vector<uint16_t>& fields);

}  // namespace twinstore
