#include "storage/query_tables.h"

#include <map>

namespace twinstore {
namespace {

// sqlite.org/opcode.html: a cursor opens on the B-tree whose root page is P2.
constexpr int opcode_column = 1;
constexpr int root_column = 3;

Result<std::map<int64_t, std::string>> tables_by_root(Database& database) {
  std::map<int64_t, std::string> tables{{1, "sqlite_schema"}};
  TWINSTORE_TRY(
      Statement schema,
      database.prepare("SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0"));
  for (;;) {
    TWINSTORE_TRY(const bool has_row, schema.step());
    if (!has_row) return tables;
    tables.emplace(schema.integer(0), schema.text(1));
  }
}

}  // namespace

Result<std::set<std::string>> tables_read(Database& database, std::string_view sql) {
  TWINSTORE_TRY(const auto by_root, tables_by_root(database));
  TWINSTORE_TRY(Statement program, database.prepare("EXPLAIN " + std::string(sql)));
  std::set<std::string> tables;
  for (;;) {
    TWINSTORE_TRY(const bool has_row, program.step());
    if (!has_row) return tables;
    const std::string_view opcode = program.text(opcode_column);
    if (opcode != "OpenRead" && opcode != "ReopenIdx") continue;
    const auto table = by_root.find(program.integer(root_column));
    tables.insert(table == by_root.end() ? std::string("an unknown table") : table->second);
  }
}

}  // namespace twinstore
