#include "storage/sqlite_opening.h"

#include <string>

#include "storage/migrations.h"

namespace twinstore {
namespace {

// Frames of the log, a page each. SQLite copies the log into the database from the first on; what
// one large transaction left beyond the second goes from the disk, because whoever opens the file
// next would read and copy all of it again. One that is kept is written faster than one that grows.
constexpr int frames_copied = 1'000;
constexpr int frames_kept = 2'000;

// Instead of SQLite's own, which copies alike and forgives alike, but never truncates.
int copy_log(void* /*unused*/, sqlite3* database, const char* name, int frames) {
  if (frames < frames_copied) return SQLITE_OK;
  const int mode = frames > frames_kept ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  sqlite3_wal_checkpoint_v2(database, name, mode, nullptr, nullptr);
  return SQLITE_OK;
}

Result<void> prepare_writing(Database& database, const SqliteOptions& options) {
  // Exclusive before WAL: then the index of the WAL lives in memory, not in shared memory
  // (sqlite.org/wal.html#use_of_wal_without_shared_memory).
  if (options.is_exclusive) TWINSTORE_TRY_VOID(database.run("PRAGMA locking_mode = EXCLUSIVE"));
  TWINSTORE_TRY_VOID(
      database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                   "PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
                   // 8 MB: with SQLite's 2 MB a transaction of 10,000 rows spilled most pages
                   // into the WAL more than once.
                   "PRAGMA cache_size = -8192"));
  // What a process wrote that was killed before its sync is read as committed from now on, and so
  // must be on the disk before anybody is told of it: a checkpoint syncs the log first. Where it
  // then finds the disk full, the log goes on holding what the database has no room for.
  const auto synced = database.run("PRAGMA wal_checkpoint(PASSIVE)");
  if (!synced.ok() && synced.error().code != ErrorCode::StorageFull) return synced.error();
  // With readers beside it, truncating would wait for them.
  if (options.is_exclusive) sqlite3_wal_hook(database.handle(), copy_log, nullptr);
  return {};
}

}  // namespace

Result<Database> open_database(const Schema& schema, const SqliteOptions& options) {
  TWINSTORE_TRY(Database database, Database::open(options.path, options.vfs, options.is_read_only));
  TWINSTORE_TRY_VOID(
      database.run("PRAGMA busy_timeout = " + std::to_string(options.busy_timeout_ms)));
  if (options.is_read_only) {
    TWINSTORE_TRY_VOID(database.run("PRAGMA query_only = ON; PRAGMA cell_size_check = ON"));
    return database;
  }
  if (const auto prepared = prepare_writing(database, options); !prepared.ok()) {
    const Error& error = prepared.error();
    // Such statements are always right: it is the head of the file that is not.
    return error.code == ErrorCode::Sql ? Error{ErrorCode::StorageCorrupt, error.message} : error;
  }
  TWINSTORE_TRY_VOID(migrate(database, schema, options.has_feed));
  return database;
}

}  // namespace twinstore
