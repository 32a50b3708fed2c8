#include "backup/backup.h"

#include <cstdio>
#include <filesystem>

#include "base/system.h"
#include "cli/commands.h"
#include "cli/database_option.h"
#include "config/schema_source.h"

namespace twinstore {
namespace {

std::string count_text(int64_t count, const std::string& one, const std::string& more) {
  return std::to_string(count) + " " + (count == 1 ? one : more);
}

std::string content_text(const Verification& found) {
  return count_text(found.row_count(), "row", "rows") + " in " +
         count_text(found.scopes, "scope", "scopes") + ", " +
         count_text(found.tombstones, "deletion", "deletions") + ", " +
         count_text(found.clients, "client", "clients") + ", head " + std::to_string(found.head);
}

std::string size_text(const std::string& file) {
  std::error_code ignored;
  const auto bytes = static_cast<double>(std::filesystem::file_size(file, ignored));
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.1f MiB", bytes / (1 << 20));
  return text;
}

Result<std::string> back_up(const DatabaseOptions& options) {
  TWINSTORE_TRY(const auto schema, schema_from_file(options.schema_file));
  TWINSTORE_TRY(const DatabaseLocation location, database_from_option(options.database_url));
  TWINSTORE_TRY(const BackupResult made,
                make_backup(*schema, location, options.path, options.is_full));
  std::string line = "backed up ";
  if (made.is_incremental) {
    line = "brought forward by " +
           count_text(made.changed.rows + made.changed.tombstones, "row", "rows") + " and " +
           count_text(made.changed.records, "record", "records") + ": ";
  }
  return line + options.path + " (" + size_text(options.path) +
         ") is whole: " + content_text(made.verified);
}

Result<std::string> put_back(const DatabaseOptions& options) {
  SystemClock clock;
  SystemIdSource ids;
  TWINSTORE_TRY(const auto schema, schema_from_file(options.schema_file));
  TWINSTORE_TRY(const DatabaseLocation location, database_from_option(options.database_url));
  if (options.is_in_place != options.path.empty()) {
    return Error{ErrorCode::InvalidArgument, "restore takes the file of a backup, or --in-place"};
  }
  if (options.is_in_place) {
    TWINSTORE_TRY_VOID(begin_epoch(*schema, location, clock, ids));
    return location.text() + " begins a new epoch";
  }
  TWINSTORE_TRY(const RestoreResult done,
                restore_backup(*schema, options.path, location, options.may_replace, clock, ids));
  return "restored " + content_text(done.verified) + " into " + location.text() +
         ", as a new epoch" + (done.kept.empty() ? "" : "; what was there is " + done.kept);
}

Result<Verification> verify(const DatabaseOptions& options) {
  TWINSTORE_TRY(const auto schema, schema_from_file(options.schema_file));
  TWINSTORE_TRY(const DatabaseLocation location, database_from_option(options.database_url));
  return verify_database(*schema, location);
}

}  // namespace

int backup_command(const DatabaseOptions& options) { return print_or_fail(back_up(options)); }

int restore_command(const DatabaseOptions& options) { return print_or_fail(put_back(options)); }

int verify_command(const DatabaseOptions& options) {
  const auto found = verify(options);
  if (!found.ok()) return fail_with(found.error());
  for (const std::string& problem : found.value().problems) {
    std::fprintf(stderr, "twinstore: %s\n", problem.c_str());
  }
  const bool is_whole = found.value().is_whole();
  std::printf("%s: %s\n", is_whole ? "whole" : "not whole", content_text(found.value()).c_str());
  return is_whole ? 0 : 1;
}

}  // namespace twinstore
