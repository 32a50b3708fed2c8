// Rows as the JSON that the API gives: every field by name, and "rev"; records without it.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include "twinstore/record.h"
#include "twinstore/schema.h"

namespace twinstore {

// Documents and sets are put in as they are stored, without being parsed.
void append_record_json(std::string& out, const Collection& collection, const Record& record);
void append_row_json(std::string& out, const Collection& collection, const RowVersion& row);
[[nodiscard]] std::string row_json(const Collection& collection, const RowVersion& row);
// {"NAME":[…],"next":…}: `next` says where the rest begins; null at the end.
[[nodiscard]] std::string page_json(std::string_view name, const Collection& collection,
                                    const std::vector<RowVersion>& rows, const std::string& next);

}  // namespace twinstore
