// The other half of backup.h: putting a backup in the place of a database.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "backup/backup.h"
#include "backup/sqlite_file.h"
#include "base/files.h"
#include "sync/authority_records.h"
#include "twinstore/authority.h"
#include "twinstore/time_text.h"
#include "workspace/database_lock.h"
#include "workspace/open_storage.h"

namespace twinstore {
namespace {

namespace fs = std::filesystem;

Error refuse_restore(const std::string& sentence) {
  return {ErrorCode::PreconditionFailed, sentence};
}

Result<Verification> verify_backup(const Schema& schema, const std::string& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return Error{ErrorCode::NotFound, "there is no file " + file};
  TWINSTORE_TRY(Verification verified, verify_database(schema, file_location(file)));
  if (verified.is_whole()) return verified;
  return refuse_restore(file + " is not whole: " + verified.problems.front() +
                        "; twinstore verify lists what is wrong");
}

Result<void> begin_epoch_in(const Schema& schema, Storage& storage, Clock& clock, IdSource& ids) {
  TWINSTORE_TRY(const auto authority, Authority::open(schema, storage, clock, ids));
  TWINSTORE_TRY(Transaction writing, Transaction::begin(storage));
  TWINSTORE_TRY_VOID(authority->start_epoch(ids));
  TWINSTORE_TRY_VOID(write_is_backup(storage, false));
  return writing.commit();
}

// "20260131T235959": part of a file's name.
std::string name_time(Clock& clock) {
  std::string digits;
  for (const char c : time_text(clock.now_ms())) {
    if (c == '.') break;
    if (c != '-' && c != ':') digits += c;
  }
  return digits;
}

// The old file under another name as well, so that there is a file under its own at any moment.
// What stood in its WAL is folded in where it can still be read, and moved along where not.
Result<std::string> keep_replaced(const Schema& schema, const DatabaseLocation& location,
                                  Clock& clock) {
  const std::string path = location.file();
  const std::string kept = path + ".replaced-" + name_time(clock);
  (void)open_storage(schema, location, false);
  if (::link(path.c_str(), kept.c_str()) != 0) return io_error(kept);
  for (const std::string_view beside : {"-wal", "-shm"}) {
    const std::string from = path + std::string(beside);
    const std::string to = kept + std::string(beside);
    if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) return io_error(from);
  }
  return kept;
}

Result<void> restore_file(const Schema& schema, const std::string& file, const DatabaseLocation& to,
                          bool may_replace, Clock& clock, IdSource& ids, RestoreResult& result) {
  const std::string target = to.file();
  if (to.workspace != main_workspace) {
    TWINSTORE_TRY_VOID(make_private_folder(to.workspaces_folder()));
  }
  TWINSTORE_TRY(const DatabaseLock lock, DatabaseLock::take(target));
  std::error_code ignored;
  const bool is_there = fs::exists(target, ignored);
  if (is_there && !may_replace) {
    return refuse_restore(target + " is there already; with --replace it is moved aside");
  }
  const DatabaseLocation part = file_location(target + ".restoring");
  TWINSTORE_TRY_VOID(copy_sqlite_pages(file, part.path));
  {
    TWINSTORE_TRY(const auto storage, open_storage(schema, part, false));
    TWINSTORE_TRY_VOID(begin_epoch_in(schema, *storage, clock, ids));
  }
  if (is_there) {
    TWINSTORE_TRY(result.kept, keep_replaced(schema, to, clock));
  }
  return publish_file(part.path, target);
}

Result<void> restore_workspace(const Schema& schema, const std::string& file,
                               const DatabaseLocation& to, Clock& clock, IdSource& ids) {
  TWINSTORE_TRY(const auto source, open_storage(schema, file_location(file), true));
  TWINSTORE_TRY(const auto storage, open_storage(schema, to, false));
  {
    TWINSTORE_TRY(const Transaction state, Transaction::begin(*source));
    TWINSTORE_TRY(Transaction writing, Transaction::begin(*storage));
    TWINSTORE_TRY(const auto spaces, storage->spaces());
    if (!spaces.empty()) {
      return refuse_restore(to.text() +
                            " is not empty; restore into a new database, or a new workspace");
    }
    TWINSTORE_TRY([[maybe_unused]] const auto counts, copy_everything(*source, *storage));
    TWINSTORE_TRY_VOID(writing.commit());
  }
  return begin_epoch_in(schema, *storage, clock, ids);
}

}  // namespace

Result<RestoreResult> restore_backup(const Schema& schema, const std::string& file,
                                     const DatabaseLocation& to, bool may_replace, Clock& clock,
                                     IdSource& ids) {
  if (to.is_memory()) return refuse_restore("a database in memory is gone with its process");
  RestoreResult result;
  TWINSTORE_TRY(result.verified, verify_backup(schema, file));
  if (to.is_postgres()) {
    TWINSTORE_TRY_VOID(restore_workspace(schema, file, to, clock, ids));
  } else {
    TWINSTORE_TRY_VOID(restore_file(schema, file, to, may_replace, clock, ids, result));
  }
  return result;
}

Result<void> begin_epoch(const Schema& schema, const DatabaseLocation& location, Clock& clock,
                         IdSource& ids) {
  DatabaseLock lock;
  if (!location.is_postgres()) {
    std::error_code ignored;
    if (!fs::exists(location.file(), ignored)) {
      return Error{ErrorCode::NotFound, "there is no file " + location.file()};
    }
    TWINSTORE_TRY(lock, DatabaseLock::take(location.file()));
  }
  TWINSTORE_TRY(const auto storage, open_storage(schema, location, false));
  return begin_epoch_in(schema, *storage, clock, ids);
}

}  // namespace twinstore
