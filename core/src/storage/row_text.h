// How a row's stamps and a deleted row's last image stand in text columns, by field name, so that
// a file outlives changes of the schema.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "twinstore/schema.h"

namespace twinstore {

// "tags=<time>,name=<time>"; empty when there are none. Unknown fields are left out when reading.
[[nodiscard]] std::string stamps_text(const Collection& collection, const RowVersion& row);
[[nodiscard]] Result<void> read_stamps(const Collection& collection, std::string_view text,
                                       RowVersion& row);

// {"repo_id":"a/b","tags":"[\"x\"]"}: every value in wire form.
[[nodiscard]] std::string image_text(const Collection& collection, const Record& record);
// Fields that the object does not name get their default.
[[nodiscard]] Result<Record> read_image(const Collection& collection, const JsonValue& object);

}  // namespace twinstore
