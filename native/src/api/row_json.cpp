#include "api/row_json.h"

#include "base/json.h"

namespace twinstore {
namespace {

void append_value(std::string& out, const Field& field, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* number = std::get_if<int64_t>(&value);
  const bool is_document = field.type == FieldType::Json || field.type == FieldType::Set;
  if (text != nullptr && is_document) {
    out += *text;
  } else if (number != nullptr && field.type == FieldType::Bool) {
    out += *number != 0 ? "true" : "false";
  } else {
    append_json_value(out, value);
  }
}

}  // namespace

void append_record_json(std::string& out, const Collection& collection, const Record& record) {
  for (size_t i = 0; i < collection.fields.size(); ++i) {
    out += i == 0 ? '{' : ',';
    append_json_string(out, collection.fields[i].name);
    out += ':';
    append_value(out, collection.fields[i], record[i]);
  }
  out += '}';
}

void append_row_json(std::string& out, const Collection& collection, const RowVersion& row) {
  append_record_json(out, collection, row.values);
  out.back() = ',';
  out += "\"rev\":" + std::to_string(row.rev) + '}';
}

std::string row_json(const Collection& collection, const RowVersion& row) {
  std::string out;
  append_row_json(out, collection, row);
  return out;
}

std::string page_json(std::string_view name, const Collection& collection,
                      const std::vector<RowVersion>& rows, const std::string& next) {
  std::string out = "{\"" + std::string(name) + "\":[";
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += ',';
    append_row_json(out, collection, rows[i]);
  }
  out += "],\"next\":";
  if (next.empty()) return out + "null}";
  append_json_string(out, next);
  return out + '}';
}

}  // namespace twinstore
