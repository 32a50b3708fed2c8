#include "sync/row_codec.h"

#include "schema/field_value.h"
#include "storage/row_text.h"

namespace twinstore {
namespace {

Error malformed(std::string message) { return {ErrorCode::InvalidJson, std::move(message)}; }

constexpr size_t live_header = 3;     // rev, hlc, stamps
constexpr size_t deleted_header = 3;  // rev, deleted_at, scope

void append_live(std::string& out, const Collection& collection, const RowVersion& row) {
  out += '[';
  append_json_number(out, row.rev);
  out += ",\"" + row.hlc.text() + "\",\"" + stamps_text(collection, row) + '"';
  for (const Value& value : row.values) {
    out += ',';
    append_json_value(out, value);
  }
  out += ']';
}

void append_deleted(std::string& out, const Collection& collection, const RowVersion& row) {
  out += '[';
  append_json_number(out, row.rev);
  out += ",\"" + row.deleted_at.text() + "\",";
  append_json_string(out, collection.scope_of(row.values));
  for (size_t i = 0; i < collection.key_count; ++i) {
    out += ',';
    append_json_value(out, row.values[i]);
  }
  out += ']';
}

// The rows of one collection that are live, or deleted; nothing is written when there are none.
void append_block(std::string& out, const Collection& collection,
                  const std::vector<RowChange>& rows, bool is_deleted) {
  bool is_first = true;
  for (const RowChange& change : rows) {
    if (change.collection != collection.position) continue;
    if (change.row.is_deleted() != is_deleted) continue;
    if (is_first) {
      if (out.back() == '}') out += ',';
      out += "{\"collection\":\"" + collection.name + "\",";
      if (is_deleted) {
        out += "\"deleted\":[";
      } else {
        out += "\"columns\":[";
        for (size_t i = 0; i < collection.fields.size(); ++i) {
          out += (i == 0 ? "\"" : ",\"") + collection.fields[i].name + '"';
        }
        out += "],\"rows\":[";
      }
    } else {
      out += ',';
    }
    is_first = false;
    if (is_deleted) {
      append_deleted(out, collection, change.row);
    } else {
      append_live(out, collection, change.row);
    }
  }
  if (!is_first) out += "]}";
}

// The field of each column; nothing for a column that this schema does not know.
using Columns = std::vector<std::optional<uint16_t>>;

Result<RowVersion> read_live(const Collection& collection, const Columns& columns,
                             const JsonValue& item) {
  if (!item.is_array() || item.size() != live_header + columns.size() ||
      !item[0].is_number_integer() || !item[1].is_string() || !item[2].is_string()) {
    return malformed("a row is [rev, hlc, stamps, …values]");
  }
  RowVersion row;
  row.rev = item[0].get<int64_t>();
  TWINSTORE_TRY(row.hlc, parse_hybrid_time(item[1].get_ref<const std::string&>()));
  TWINSTORE_TRY_VOID(read_stamps(collection, item[2].get_ref<const std::string&>(), row));
  for (const Field& field : collection.fields) row.values.push_back(field.default_value);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i]) continue;
    const Field& field = collection.fields[*columns[i]];
    TWINSTORE_TRY(row.values[*columns[i]], check_wire_value(field, item[live_header + i]));
  }
  for (size_t i = 0; i < collection.key_count; ++i) {
    if (is_null(row.values[i])) return malformed("a row without its key");
  }
  return row;
}

Result<RowVersion> read_deleted(const Collection& collection, const JsonValue& item) {
  if (!item.is_array() || item.size() != deleted_header + collection.key_count ||
      !item[0].is_number_integer() || !item[1].is_string() || !item[2].is_string()) {
    return malformed("a deleted row is [rev, deleted_at, scope, …key]");
  }
  RowVersion row;
  row.rev = item[0].get<int64_t>();
  TWINSTORE_TRY(row.deleted_at, parse_hybrid_time(item[1].get_ref<const std::string&>()));
  row.hlc = row.deleted_at;
  --row.hlc.ticks;
  for (const Field& field : collection.fields) row.values.push_back(field.default_value);
  row.values[collection.scope_field] = item[2].get<std::string>();
  TWINSTORE_TRY(const Key key,
                to_key(collection, JsonValue(item.begin() + deleted_header, item.end())));
  std::ranges::copy(key, row.values.begin());
  return row;
}

Result<void> read_block(const Schema& schema, const JsonValue& block, std::vector<RowChange>& out) {
  TWINSTORE_TRY(const std::string name, json_text(block, "collection"));
  const Collection* collection = schema.find(name);
  if (collection == nullptr) return {};  // of a newer schema; the authority keeps it
  if (collection->is_local) return malformed("rows of " + name + " do not travel");
  if (const JsonValue* deleted = json_array(block, "deleted")) {
    for (const JsonValue& item : *deleted) {
      TWINSTORE_TRY(RowVersion row, read_deleted(*collection, item));
      out.push_back({collection->position, std::move(row)});
    }
    return {};
  }
  const JsonValue* header = json_array(block, "columns");
  const JsonValue* rows = json_array(block, "rows");
  if (header == nullptr || rows == nullptr) return malformed("a block has columns and rows");
  Columns columns;
  for (const JsonValue& column : *header) {
    if (!column.is_string()) return malformed("a column is a name");
    columns.push_back(collection->find_field(column.get_ref<const std::string&>()));
  }
  for (const JsonValue& item : *rows) {
    TWINSTORE_TRY(RowVersion row, read_live(*collection, columns, item));
    out.push_back({collection->position, std::move(row)});
  }
  return {};
}

}  // namespace

void append_blocks(std::string& out, const Schema& schema, const std::vector<RowChange>& rows) {
  out += "\"blocks\":[";
  for (const Collection& collection : schema.collections()) {
    append_block(out, collection, rows, false);
    append_block(out, collection, rows, true);
  }
  out += ']';
}

Result<std::vector<RowChange>> read_blocks(const Schema& schema, const JsonValue& blocks) {
  std::vector<RowChange> rows;
  for (const JsonValue& block : blocks) {
    TWINSTORE_TRY_VOID(read_block(schema, block, rows));
  }
  return rows;
}

size_t encoded_bytes(const RowVersion& row) {
  constexpr size_t header_bytes = 60;
  size_t bytes = header_bytes + 48 * row.stamps.size();
  for (const Value& value : row.values) {
    const auto* text = std::get_if<std::string>(&value);
    bytes += text == nullptr ? 8 : text->size() + 3;
  }
  return bytes;
}

std::string encode_row(const Schema& schema, const RowChange& row) {
  const Collection& collection = schema.at(row.collection);
  std::string out =
      "{\"collection\":\"" + collection.name + "\",\"rev\":" + std::to_string(row.row.rev) +
      ",\"hlc\":\"" + row.row.hlc.text() + "\",\"stamps\":\"" + stamps_text(collection, row.row) +
      "\",\"deleted_at\":\"" + (row.row.is_deleted() ? row.row.deleted_at.text() : "") +
      "\",\"image\":" + image_text(collection, row.row.values) + "}";
  return out;
}

Result<RowChange> decode_row(const Schema& schema, std::string_view text) {
  TWINSTORE_TRY(const JsonValue json, parse_json(text));
  TWINSTORE_TRY(const std::string name, json_text(json, "collection"));
  const Collection* collection = schema.find(name);
  if (collection == nullptr) {
    return Error{ErrorCode::UnknownCollection, "there is no collection " + name};
  }
  RowChange out{collection->position, {}};
  TWINSTORE_TRY(out.row.rev, json_integer(json, "rev"));
  TWINSTORE_TRY(const std::string hlc, json_text(json, "hlc"));
  TWINSTORE_TRY(out.row.hlc, parse_hybrid_time(hlc));
  TWINSTORE_TRY(const std::string stamps, json_text(json, "stamps"));
  TWINSTORE_TRY_VOID(read_stamps(*collection, stamps, out.row));
  TWINSTORE_TRY(const std::string deleted_at, json_text(json, "deleted_at"));
  if (!deleted_at.empty()) {
    TWINSTORE_TRY(out.row.deleted_at, parse_hybrid_time(deleted_at));
  }
  const JsonValue* image = json_object(json, "image");
  if (image == nullptr) return malformed("a row needs its image");
  TWINSTORE_TRY(out.row.values, read_image(*collection, *image));
  return out;
}

}  // namespace twinstore
