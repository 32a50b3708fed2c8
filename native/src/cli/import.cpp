#include <cstdio>

#include "base/system.h"
#include "cli/commands.h"
#include "cli/database_option.h"
#include "cli/progress.h"
#include "config/schema_source.h"
#include "refreshers/git_analysis.h"
#include "workspace/importer.h"
#include "workspace/jsonl_import.h"

namespace twinstore {
namespace {

using Work = std::function<Result<void>(Importer&, Progress&)>;

Result<ImportCounts> import_with(const std::string& database_url, const std::string& source,
                                 const Work& work) {
  SystemClock clock;
  SystemIdSource ids;
  TWINSTORE_TRY(const auto schema, shipped_schema());
  TWINSTORE_TRY(const DatabaseLocation location, database_from_option(database_url));
  TWINSTORE_TRY(OpenDatabase database, open_database(*schema, location, clock, ids));
  Progress progress;
  Importer importer(database, source);
  TWINSTORE_TRY_VOID(work(importer, progress));
  TWINSTORE_TRY_VOID(importer.commit());
  if (!importer.first_rejection().empty()) {
    progress.say("twinstore: the first rejected row: " + importer.first_rejection());
  }
  return importer.counts();
}

int print_counts(const Result<ImportCounts>& counts) {
  if (!counts.ok()) return fail_with(counts.error());
  return print_or_fail(counts.value().text());
}

}  // namespace

int import_jsonl_command(const ImportOptions& options) {
  return print_counts(
      import_with(options.database_url, "jsonl", [&](Importer& importer, Progress& progress) {
        JsonlProgress shown;
        shown.advanced = [&](std::string_view file, int64_t done, int64_t total) {
          progress.show(file, done, total);
        };
        shown.skipped = [&](std::string_view file) {
          progress.say("twinstore: there is no " + std::string(file) + "; going on without it");
        };
        return import_jsonl(options.path, importer, shown);
      }));
}

int import_git_command(const ImportOptions& options) {
  return print_counts(
      import_with(options.database_url, "git", [&](Importer& importer, Progress& progress) {
        GitImportOptions git;
        git.repo_id = options.repo_id;
        const RowSink sink = [&](std::string_view kind, const nlohmann::ordered_json& row) {
          return importer.add(
              kind, row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
        };
        return analyse_git_repository(options.path, git, sink,
                                      [&](std::string_view stage, int64_t done, int64_t total) {
                                        progress.show(stage, done, total);
                                      });
      }));
}

}  // namespace twinstore
