#include "workspace/open_storage.h"

#include <filesystem>

#include "storage/migrations.h"
#include "storage_postgres/migrations.h"
#include "storage_postgres/session.h"
#include "storage_postgres/storage.h"
#include "twinstore/sqlite_storage.h"

namespace twinstore {
namespace {

Result<std::unique_ptr<Storage>> open_sqlite(const Schema& schema, const DatabaseLocation& location,
                                             bool is_read_only) {
  SqliteOptions options;
  options.path = location.file();
  options.is_read_only = is_read_only;
  options.has_feed = true;
  options.busy_timeout_ms = location.busy_timeout_ms;
  TWINSTORE_TRY(std::unique_ptr<Storage> storage, SqliteStorage::open(schema, options));
  return storage;
}

Result<std::unique_ptr<Storage>> open_postgres(const Schema& schema,
                                               const DatabaseLocation& location,
                                               bool is_read_only) {
  PostgresOptions options;
  options.url = location.postgres_url;
  options.workspace = location.workspace;
  options.is_read_only = is_read_only;
  options.lock_timeout_ms = location.busy_timeout_ms;
  options.is_confined = location.is_confined;
  TWINSTORE_TRY(std::unique_ptr<Storage> storage, PostgresStorage::open(schema, options));
  return storage;
}

}  // namespace

Result<std::unique_ptr<Storage>> open_storage(const Schema& schema,
                                              const DatabaseLocation& location, bool is_read_only) {
  return location.is_postgres() ? open_postgres(schema, location, is_read_only)
                                : open_sqlite(schema, location, is_read_only);
}

Result<std::vector<MigrationStep>> plan_storage(const Schema& schema,
                                                const DatabaseLocation& location) {
  if (location.is_postgres()) {
    postgres::Session session({location.postgres_url, location.workspace});
    TWINSTORE_TRY_VOID(session.connect());
    return postgres::plan_migration(session.connection(), schema);
  }
  std::error_code error;
  const bool is_there = !location.is_memory() && std::filesystem::exists(location.file(), error);
  TWINSTORE_TRY(Database database,
                Database::open(is_there ? location.file() : ":memory:", "", is_there));
  return plan_migration(database, schema, true);
}

}  // namespace twinstore
