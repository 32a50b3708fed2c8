#include "storage/sqlite_rows.h"

#include "base/json.h"
#include "storage/row_text.h"

namespace twinstore {

Result<RowVersion> read_row(const Collection& collection, const Statement& statement) {
  const int fields = static_cast<int>(collection.fields.size());
  RowVersion row;
  row.values.reserve(collection.fields.size());
  for (int i = 0; i < fields; ++i) row.values.push_back(statement.value(i));
  row.rev = statement.integer(fields);
  TWINSTORE_TRY(row.hlc, parse_hybrid_time(statement.text(fields + 1)));
  TWINSTORE_TRY_VOID(read_stamps(collection, statement.text(fields + 2), row));
  return row;
}

std::string select_tombstones(std::string_view rest) {
  return "SELECT collection, key, scope, rev, deleted_at, hlc, stamps, image FROM _tombstones " +
         std::string(rest);
}

Result<RowVersion> read_tombstone(const Collection& collection, const Statement& statement) {
  RowVersion row;
  row.rev = statement.integer(3);
  TWINSTORE_TRY(row.deleted_at, parse_hybrid_time(statement.text(4)));
  TWINSTORE_TRY(row.hlc, parse_hybrid_time(statement.text(5)));
  TWINSTORE_TRY_VOID(read_stamps(collection, statement.text(6), row));
  TWINSTORE_TRY(const JsonValue image, parse_json(statement.text(7)));
  TWINSTORE_TRY(row.values, read_image(collection, image));
  return row;
}

}  // namespace twinstore
