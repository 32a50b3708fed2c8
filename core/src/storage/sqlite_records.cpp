#include "storage/sqlite_records.h"

namespace twinstore {

Result<std::vector<std::string>> record_spaces(Database& database) {
  TWINSTORE_TRY(Statement next,
                database.prepare("SELECT space FROM _records WHERE space > ? AND space <> 'storage'"
                                 " ORDER BY space LIMIT 1"));
  std::vector<std::string> names;
  for (;;) {
    next.reset();
    next.bind(1, std::string_view(names.empty() ? std::string() : names.back()));
    TWINSTORE_TRY(const bool has_row, next.step());
    if (!has_row) return names;
    names.emplace_back(next.text(0));
  }
}

namespace {

Result<int64_t> read_number(Database& database, std::string_view sql) {
  TWINSTORE_TRY(Statement statement, database.prepare(sql));
  TWINSTORE_TRY([[maybe_unused]] const bool has_row, statement.step());
  return statement.integer(0);
}

}  // namespace

Result<int64_t> file_bytes(Database& database) {
  TWINSTORE_TRY(const int64_t pages, read_number(database, "PRAGMA page_count"));
  TWINSTORE_TRY(const int64_t page_bytes, read_number(database, "PRAGMA page_size"));
  return pages * page_bytes;
}

Result<int64_t> used_bytes(Database& database) {
  TWINSTORE_TRY(const int64_t free_pages, read_number(database, "PRAGMA freelist_count"));
  TWINSTORE_TRY(const int64_t page_bytes, read_number(database, "PRAGMA page_size"));
  TWINSTORE_TRY(const int64_t bytes, file_bytes(database));
  return bytes - free_pages * page_bytes;
}

}  // namespace twinstore
