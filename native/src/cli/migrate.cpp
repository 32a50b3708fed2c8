#include <cstdio>

#include "base/system.h"
#include "cli/commands.h"
#include "cli/database_option.h"
#include "config/schema_source.h"
#include "storage_postgres/migrations.h"
#include "workspace/open_storage.h"
#include "workspace/workspace.h"

namespace twinstore {
namespace {

Result<void> grant_role(const DatabaseLocation& location, const Schema& schema,
                        const std::string& role) {
  if (role.empty()) return {};
  if (!location.is_postgres()) {
    return Error{ErrorCode::InvalidArgument, "only PostgreSQL has roles to grant something to"};
  }
  TWINSTORE_TRY(postgres::Connection connection, postgres::Connection::open(location.postgres_url));
  return postgres::grant(connection, schema, role);
}

Result<void> run(const DatabaseOptions& options) {
  TWINSTORE_TRY(const auto schema, schema_from_file(options.schema_file));
  TWINSTORE_TRY(const DatabaseLocation location, database_from_option(options.database_url));
  TWINSTORE_TRY(const auto plan, plan_storage(*schema, location));
  for (const MigrationStep& step : plan) {
    std::printf("%s%s\n", options.is_dry_run ? "would do: " : "", step.what.c_str());
  }
  if (plan.empty()) std::printf("nothing to do: the database has this build's form\n");
  if (options.is_dry_run) return {};
  if (!plan.empty()) {
    SystemClock clock;
    SystemIdSource ids;
    TWINSTORE_TRY_VOID(open_database(*schema, location, clock, ids));
    std::printf("done\n");
  }
  return grant_role(location, *schema, options.role);
}

}  // namespace

int migrate_command(const DatabaseOptions& options) {
  const auto done = run(options);
  return done.ok() ? 0 : fail_with(done.error());
}

}  // namespace twinstore
