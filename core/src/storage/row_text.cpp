#include "storage/row_text.h"

#include "schema/field_value.h"

namespace twinstore {

std::string stamps_text(const Collection& collection, const RowVersion& row) {
  std::string out;
  for (const auto& [field, time] : row.stamps) {
    if (!out.empty()) out += ',';
    out += collection.fields[field].name + '=' + time.text();
  }
  return out;
}

Result<void> read_stamps(const Collection& collection, std::string_view text, RowVersion& row) {
  while (!text.empty()) {
    const size_t end = text.find(',');
    const std::string_view entry = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos) {
      return Error{ErrorCode::StorageCorrupt, "the stamps of a row are malformed"};
    }
    TWINSTORE_TRY(const HybridTime time, parse_hybrid_time(entry.substr(equals + 1)));
    if (const auto field = collection.find_field(entry.substr(0, equals))) {
      row.set_stamp(*field, time);
    }
  }
  return {};
}

std::string image_text(const Collection& collection, const Record& record) {
  std::string out = "{";
  for (size_t i = 0; i < record.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, collection.fields[i].name);
    out += ':';
    append_json_value(out, record[i]);
  }
  return out + "}";
}

Result<Record> read_image(const Collection& collection, const JsonValue& object) {
  Record record;
  record.reserve(collection.fields.size());
  for (const Field& field : collection.fields) {
    const auto at = object.find(field.name);
    if (at == object.end()) {
      record.push_back(field.default_value);
      continue;
    }
    TWINSTORE_TRY(Value value, check_wire_value(field, *at));
    record.push_back(std::move(value));
  }
  return record;
}

}  // namespace twinstore
