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

Result<int64_t> file_bytes(Database& database) {
  int64_t bytes = 1;
  for (const std::string_view sql : {"PRAGMA page_count", "PRAGMA page_size"}) {
    TWINSTORE_TRY(Statement pragma, database.prepare(sql));
    TWINSTORE_TRY([[maybe_unused]] const bool has_row, pragma.step());
    bytes *= pragma.integer(0);
  }
  return bytes;
}

}  // namespace twinstore
