#include "backup/sqlite_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/files.h"
#include "storage/sqlite.h"

namespace twinstore {
namespace {

namespace fs = std::filesystem;

constexpr const char* every_page = "PRAGMA integrity_check";

Result<void> sync_to_disk(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_RDONLY | O_CLOEXEC);
  if (file < 0) return io_error(path);
  const bool is_synced = ::fsync(file) == 0;
  const Error error = io_error(path);
  ::close(file);
  if (!is_synced) return error;
  return {};
}

}  // namespace

Result<std::vector<std::string>> check_sqlite_file(const std::string& path) {
  TWINSTORE_TRY(Database database, Database::open(path, "", true));
  TWINSTORE_TRY(Statement check, database.prepare(every_page));
  std::vector<std::string> problems;
  for (;;) {
    TWINSTORE_TRY(const bool has_row, check.step());
    if (!has_row) return problems;
    if (check.text(0) != "ok") problems.emplace_back(check.text(0));
  }
}

Result<void> copy_sqlite_pages(const std::string& from, const std::string& to) {
  std::error_code ignored;
  fs::remove(to, ignored);
  TWINSTORE_TRY_VOID(make_private_file(to));
  TWINSTORE_TRY(const Database source, Database::open(from, "", true));
  TWINSTORE_TRY(const Database target, Database::open(to, "", false));
  sqlite3_backup* const backup =
      sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
  if (backup == nullptr) {
    return sqlite_error(sqlite3_extended_errcode(target.handle()), sqlite3_errmsg(target.handle()));
  }
  // All pages in one step are one committed state; in WAL mode nobody waits for it meanwhile.
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) return sqlite_error(stepped, sqlite3_errstr(stepped));
  if (finished != SQLITE_OK) return sqlite_error(finished, sqlite3_errstr(finished));
  return {};
}

Result<void> make_single_file(const std::string& path) {
  TWINSTORE_TRY(Database database, Database::open(path, "", false));
  return database.run("PRAGMA journal_mode = DELETE");
}

Result<void> publish_file(const std::string& part, const std::string& to) {
  TWINSTORE_TRY_VOID(sync_to_disk(part, 0));
  if (::rename(part.c_str(), to.c_str()) != 0) return io_error(to);
  return sync_to_disk(fs::absolute(to).parent_path().string(), O_DIRECTORY);
}

}  // namespace twinstore
