#include <cstdio>

#include "archive/archive.h"
#include "base/system.h"
#include "cli/commands.h"
#include "cli/database_option.h"
#include "config/schema_source.h"
#include "workspace/workspace.h"

namespace twinstore {
namespace {

using ArchiveWork = std::function<Result<void>(const Schema&, Clock&, Transactions&)>;

int with_database(const std::string& database_url, const ArchiveWork& work) {
  const auto run = [&]() -> Result<void> {
    SystemClock clock;
    SystemIdSource ids;
    TWINSTORE_TRY(const auto schema, shipped_schema());
    TWINSTORE_TRY(const DatabaseLocation location, database_from_option(database_url));
    TWINSTORE_TRY(OpenDatabase database, open_database(*schema, location, clock, ids));
    AuthorityTransactions transactions(*database.authority);
    return work(*schema, clock, transactions);
  };
  const auto done = run();
  return done.ok() ? 0 : fail_with(done.error());
}

std::string counted(const RowCounts& rows) {
  std::string out;
  for (const auto& [collection, count] : rows) {
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + collection;
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace

int archive_create_command(const ArchiveCommandOptions& options) {
  return with_database(
      options.database_url,
      [&](const Schema& schema, Clock& clock, Transactions& transactions) -> Result<void> {
        TWINSTORE_TRY(const ArchiveCounts counts,
                      archive_old_rows(schema, clock, transactions,
                                       {options.folder, options.max_age_days, options.keep_days}));
        std::printf("archived %s in %lld files of %lld bytes\n", counted(counts.rows).c_str(),
                    static_cast<long long>(counts.files), static_cast<long long>(counts.bytes));
        return {};
      });
}

int archive_bring_back_command(const ArchiveCommandOptions& options) {
  return with_database(
      options.database_url,
      [&](const Schema& schema, Clock&, Transactions& transactions) -> Result<void> {
        std::vector<std::string> files = options.files;
        if (!options.repo_id.empty()) {
          TWINSTORE_TRY(const auto registered, archives_of(schema, transactions, options.repo_id));
          files.insert(files.end(), registered.begin(), registered.end());
        }
        for (const std::string& file : files) {
          TWINSTORE_TRY(const BroughtBack back, bring_back(schema, transactions, file));
          std::printf("brought back %s; %lld were there: %s\n", counted(back.rows).c_str(),
                      static_cast<long long>(back.present), file.c_str());
        }
        if (files.empty()) std::printf("there is no archive to bring back\n");
        return {};
      });
}

}  // namespace twinstore
