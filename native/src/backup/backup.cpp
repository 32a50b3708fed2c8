#include "backup/backup.h"

#include <filesystem>

#include "backup/sqlite_file.h"
#include "base/files.h"
#include "sync/authority_records.h"
#include "twinstore/sqlite_storage.h"
#include "workspace/open_storage.h"

namespace twinstore {
namespace {

namespace fs = std::filesystem;

Error refuse(const std::string& sentence) { return {ErrorCode::PreconditionFailed, sentence}; }

Error not_whole(const std::string& what, const Verification& found) {
  return refuse(what + " is not whole: " + found.problems.front() +
                (found.problems.size() > 1 ? ", and more; twinstore verify lists it" : ""));
}

bool is_there(const std::string& file) {
  std::error_code ignored;
  return fs::exists(file, ignored);
}

// Nothing may be overwritten but an earlier backup.
Result<void> check_is_backup(const Schema& schema, const std::string& file) {
  const Error not_one = refuse(file + " is there already and is no backup of Twinstore's");
  const auto storage = open_storage(schema, file_location(file), true);
  if (!storage.ok()) return not_one;
  const auto is_backup = read_is_backup(*storage.value());
  if (!is_backup.ok() || !is_backup.value()) return not_one;
  return {};
}

// What follows a copy of the rows, in the transaction that made it.
Result<Verification> finish_copy(Storage& copy) {
  TWINSTORE_TRY_VOID(write_is_backup(copy, true));
  TWINSTORE_TRY(Verification verified, verify_storage(copy));
  if (!verified.is_whole()) return not_whole("the copy", verified);
  return verified;
}

Result<void> check_file(const std::string& file) {
  TWINSTORE_TRY(const auto problems, check_sqlite_file(file));
  if (problems.empty()) return {};
  return refuse("the copy is not whole: " + problems.front());
}

Result<BackupResult> back_up_whole(const Schema& schema, const DatabaseLocation& from,
                                   const std::string& file) {
  const std::string part = file + ".part";
  BackupResult result;
  if (from.is_postgres()) {
    std::error_code ignored;
    fs::remove(part, ignored);
    TWINSTORE_TRY_VOID(make_private_file(part));
  } else {
    TWINSTORE_TRY_VOID(copy_sqlite_pages(from.file(), part));
  }
  {
    TWINSTORE_TRY(const auto copy, open_storage(schema, file_location(part), false));
    TWINSTORE_TRY(Transaction writing, Transaction::begin(*copy));
    if (from.is_postgres()) {
      TWINSTORE_TRY(const auto source, open_storage(schema, from, true));
      TWINSTORE_TRY(const Transaction state, Transaction::begin(*source));
      TWINSTORE_TRY([[maybe_unused]] const auto counts, copy_everything(*source, *copy));
    }
    TWINSTORE_TRY(result.verified, finish_copy(*copy));
    TWINSTORE_TRY_VOID(writing.commit());
  }
  TWINSTORE_TRY_VOID(make_single_file(part));
  TWINSTORE_TRY_VOID(check_file(part));
  TWINSTORE_TRY_VOID(publish_file(part, file));
  return result;
}

Result<BackupResult> bring_forward(const Schema& schema, const DatabaseLocation& from,
                                   const std::string& file) {
  BackupResult result;
  result.is_incremental = true;
  {
    TWINSTORE_TRY(const auto source, open_storage(schema, from, true));
    TWINSTORE_TRY(const auto copy, open_storage(schema, file_location(file), false));
    TWINSTORE_TRY(const Transaction state, Transaction::begin(*source));
    TWINSTORE_TRY(Transaction writing, Transaction::begin(*copy));
    TWINSTORE_TRY(const std::string epoch, read_epoch(*source));
    TWINSTORE_TRY(const std::string copied_epoch, read_epoch(*copy));
    TWINSTORE_TRY(const Rev head, read_head(*source));
    TWINSTORE_TRY(const Rev copied_head, read_head(*copy));
    if (epoch != copied_epoch || head < copied_head) {
      return refuse(file +
                    " is a backup of another database, or from before a restore; name"
                    " another file, or replace it with --full");
    }
    TWINSTORE_TRY_VOID(write_is_backup(*copy, false));  // the source has no such record
    TWINSTORE_TRY(result.changed, copy_changes(schema, *source, *copy, copied_head));
    TWINSTORE_TRY(result.verified, finish_copy(*copy));
    TWINSTORE_TRY_VOID(writing.commit());
  }
  TWINSTORE_TRY_VOID(make_single_file(file));
  TWINSTORE_TRY_VOID(check_file(file));
  return result;
}

}  // namespace

Result<BackupResult> make_backup(const Schema& schema, const DatabaseLocation& from,
                                 const std::string& file, bool is_full) {
  if (from.is_memory()) return refuse("a database in memory is gone with its process");
  if (!is_there(file)) return back_up_whole(schema, from, file);
  TWINSTORE_TRY_VOID(check_is_backup(schema, file));
  return is_full ? back_up_whole(schema, from, file) : bring_forward(schema, from, file);
}

}  // namespace twinstore
