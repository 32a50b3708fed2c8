#include "api/page_place.h"

#include "config/server_limits.h"
#include "schema/field_value.h"

namespace twinstore {

Parameter page_limit(int64_t default_rows) {
  return defaulting(integer_parameter("limit", "at most so many rows", 1,
                                      static_cast<int64_t>(limits::rest_rows_max)),
                    default_rows);
}

Parameter page_after() {
  return text_parameter("after", "`next` of the answer that this one continues",
                        limits::rest_place_bytes_max);
}

std::string place_text(const std::vector<Value>& place) { return key_text(place); }

Result<std::vector<Value>> read_place(std::string_view text, const Collection& collection,
                                      const std::vector<uint16_t>& fields) {
  const Error unknown{ErrorCode::InvalidArgument, "after is not the next of an answer"};
  const auto json = parse_json(text);
  if (!json.ok() || !json.value().is_array() || json.value().size() != fields.size()) {
    return unknown;
  }
  std::vector<Value> place;
  for (size_t i = 0; i < fields.size(); ++i) {
    auto value = to_value(collection.fields[fields[i]], json.value()[i]);
    if (!value.ok() || is_null(value.value())) return unknown;
    place.push_back(std::move(value).value());
  }
  return place;
}

}  // namespace twinstore
