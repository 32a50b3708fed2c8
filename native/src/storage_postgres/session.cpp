#include "storage_postgres/session.h"

#include <array>

#include "storage_postgres/tables.h"

namespace twinstore::postgres {
namespace {

const Query begin_reading_query{"begin_reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
const Query begin_writing_query{"begin_writing", "BEGIN ISOLATION LEVEL READ COMMITTED"};
// In a statement of its own: a statement sees what was committed before it began, and this one
// ends when the workspace's former writer has committed.
const Query lock_query{"lock", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"};
const Query commit_query{"commit", "COMMIT"};
const Query durability_query{
    "durability",
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes',"
    " 'synchronous_commit', 'server_encoding')"};

const Query role_query{
    "role",
    "SELECT (rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class WHERE oid ="
    " to_regclass('_records') AND relowner = r.oid))::int::bigint"
    " FROM pg_roles r WHERE rolname = current_user"};

// Every query here has an index that answers it in its order, at most rows of one place in it apart
// (an incremental sort), and statistics that are missing or old must not lead the planner to
// another plan; a plan that it finds costly must not be compiled either. A session that stops in
// the middle must not keep the workspace locked.
std::string settings(const SessionOptions& options) {
  return "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s';"
         "SET lock_timeout = " +
         std::to_string(options.lock_timeout_ms) +
         "; SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
         "SET enable_bitmapscan = off; SET enable_sort = off; SET TimeZone = 'UTC';"
         "SET twinstore.authority = 'on'; SET twinstore.workspace = " +
         quote_text(options.workspace);
}

// A superuser, a role with BYPASSRLS and the tables' owner can all see past the policies.
Result<void> check_confined(Connection& connection) {
  TWINSTORE_TRY(const Rows found, connection.run(role_query));
  if (found.integer(0, 0) == 0) return {};
  return Error{ErrorCode::InvalidArgument,
               "PostgreSQL: a server that asks for tokens connects as a role that is no superuser,"
               " has no BYPASSRLS and owns no table; make one with CREATE ROLE name LOGIN, and run"
               " twinstore migrate --grant name"};
}

Result<void> check_durability(Connection& connection) {
  TWINSTORE_TRY(const Rows found, connection.run(durability_query));
  for (int row = 0; row < found.rows(); ++row) {
    const std::string name(found.text(row, 0));
    const std::string value(found.text(row, 1));
    const bool is_encoding = name == "server_encoding";
    if (is_encoding ? value == "UTF8" : value != "off") continue;
    return Error{ErrorCode::Unavailable,
                 is_encoding ? "PostgreSQL: the database stores " + value + "; Twinstore needs UTF8"
                             : "PostgreSQL runs with " + name +
                                   " = off and would lose what it acknowledged; turn it on"};
  }
  return {};
}

}  // namespace

Result<void> Session::connect() {
  if (connection_ && !connection_->is_lost()) return {};
  connection_.reset();
  open_ = Open::Nothing;
  TWINSTORE_TRY(Connection connection, Connection::open(options_.url));
  TWINSTORE_TRY_VOID(check_durability(connection));
  if (options_.is_confined) TWINSTORE_TRY_VOID(check_confined(connection));
  TWINSTORE_TRY_VOID(connection.run_script(settings(options_)));
  connection_ = std::move(connection);
  return {};
}

Result<void> Session::begin(std::span<const Step> steps, Open open) {
  TWINSTORE_CHECK(open_ == Open::Nothing);
  TWINSTORE_TRY_VOID(connect());
  auto begun = connection_->run(steps);
  if (!begun.ok() && connection_->is_lost()) {
    // It was lost while nothing was under way, which nobody needs to hear of.
    TWINSTORE_TRY_VOID(connect());
    begun = connection_->run(steps);
  }
  open_ = open;
  if (begun.ok()) return {};
  rollback();
  return begun.error();
}

Result<void> Session::begin_reading() {
  const std::array steps{Step{&begin_reading_query, {}}};
  return begin(steps, Open::Reading);
}

Result<void> Session::begin_writing() {
  const std::array steps{Step{&begin_writing_query, {}}, Step{&lock_query, parameters()}};
  return begin(steps, Open::Writing);
}

Result<void> Session::commit(std::vector<Step> last) {
  TWINSTORE_CHECK(open_ != Open::Nothing);
  last.push_back({&commit_query, {}});
  TWINSTORE_TRY(const auto results, connection_->run(last));
  // COMMIT of a transaction that had failed rolls back, and is no error.
  if (results.back().command() != "COMMIT") {
    return Error{ErrorCode::StorageIo, "PostgreSQL: the transaction had failed"};
  }
  open_ = Open::Nothing;
  return {};
}

void Session::rollback() {
  if (open_ == Open::Nothing) return;
  open_ = Open::Nothing;
  if (connection_->is_lost() || !connection_->is_in_transaction()) return;
  if (!connection_->run_script("ROLLBACK").ok()) connection_.reset();
}

Result<Rows> Session::run(const Query& query, const Parameters& parameters) {
  if (open_ == Open::Nothing) TWINSTORE_TRY_VOID(connect());
  return connection_->run(query, parameters);
}

Result<std::vector<Rows>> Session::run(std::span<const Step> steps) {
  if (open_ == Open::Nothing) TWINSTORE_TRY_VOID(connect());
  return connection_->run(steps);
}

}  // namespace twinstore::postgres
