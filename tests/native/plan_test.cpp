// The plans of SQLite, by the counters that it keeps of each statement
// (sqlite.org/c3ref/c_stmtstatus_counter.html).
#include "../services/plan_suite.h"
#include "native_world.h"
#include "storage/sqlite_selection.h"

namespace twinstore::test {
namespace {

constexpr int steps_free = 5'000;
constexpr int steps_per_row = 200;

struct SqlitePlanEngine {
  TempFolder folder;
  std::string path = (folder.path() / "p.db").string();
  std::unique_ptr<Storage> storage;
  std::optional<Database> database;

  explicit SqlitePlanEngine(const Schema& schema) {
    auto opened = SqliteStorage::open(schema, {.path = path, .vfs = {}, .has_feed = true});
    TWINSTORE_CHECK(opened.ok());
    storage = std::move(opened).value();
    auto reading = Database::open(path, "", true);
    TWINSTORE_CHECK(reading.ok());
    database = std::move(reading).value();
  }

  void rows_are_there() {}

  std::string wrong_plan(const Collection& collection, const Selection& selection, bool is_count) {
    auto statement = is_count ? count_statement(*database, collection, selection)
                              : select_statement(*database, collection, selection);
    TWINSTORE_CHECK(statement.ok());
    int64_t rows = 0;
    for (;;) {
      const auto has_row = statement.value().step();
      TWINSTORE_CHECK(has_row.ok());
      if (!has_row.value()) break;
      rows = is_count ? statement.value().integer(0) : rows + 1;
    }
    const auto counted = [&](int what) {
      return sqlite3_stmt_status(statement.value().handle(), what, 0);
    };
    std::string out;
    if (counted(SQLITE_STMTSTATUS_SORT) > 0) out += "it sorts; ";
    if (counted(SQLITE_STMTSTATUS_AUTOINDEX) > 0) out += "it makes an index; ";
    const int steps = counted(SQLITE_STMTSTATUS_VM_STEP);
    if (steps > steps_free + steps_per_row * rows) {
      out += std::to_string(steps) + " steps for " + std::to_string(rows) + " rows; ";
    }
    if (out.empty()) return out;
    return out + sqlite3_sql(statement.value().handle());
  }
};

}  // namespace

TEST_CASE_TEMPLATE_INVOKE(plans_use_indexes, SqlitePlanEngine);

}  // namespace twinstore::test
