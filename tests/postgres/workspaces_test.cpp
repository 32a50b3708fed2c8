// Several workspaces in one database: apart by every query, and once more by PostgreSQL itself.
#include <doctest/doctest.h>

#include "api/router.h"
#include "auth_server.h"
#include "base/log.h"
#include "node.h"
#include "server_process.h"
#include "storage_postgres/migrations.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

// A database with the tables, owned by `twinstore`, and a role that may use them and owns nothing.
struct ConfinedDatabase {
  Cluster& cluster = Cluster::shared();
  std::unique_ptr<Schema> schema = shipped_schema().value();
  std::string owner = cluster.create_database();
  std::string role;
  std::string url;

  ConfinedDatabase() {
    const std::string path = owner.substr(0, owner.find('?'));
    const std::string name = path.substr(path.rfind('/') + 1);
    role = "server_" + name;
    url = cluster.url(name, role);
    CHECK(psql(owner, "CREATE ROLE " + role + " LOGIN").empty());
    CHECK(run_twinstore({"migrate", "--db", owner, "--grant", role}).exit_code == 0);
  }
  // As the server's role, with a workspace named or not.
  [[nodiscard]] std::string run(const std::string& workspace, const std::string& sql) const {
    const std::string set =
        workspace.empty() ? "" : "SET twinstore.workspace = '" + workspace + "';";
    return psql_as(url, set + sql);
  }
};

ServerOptions over(const std::string& url) {
  ServerOptions options;
  options.database.postgres_url = url;
  return options;
}

constexpr std::string_view as_authority = "SET twinstore.authority = 'on';";

std::string insert_row(const std::string& workspace, const std::string& name) {
  return std::string(as_authority) +
         "INSERT INTO branches (_workspace, repo_id, name, _rev, _hlc) VALUES ('" + workspace +
         "', 'r', '" + name + "', 1, '')";
}

bool is_kept_out(const std::string& answer) {
  return answer.find("violates row-level security policy") != std::string::npos;
}

}  // namespace

TEST_CASE("workspaces: a query without a condition gives rows of the session's workspace alone") {
  const ConfinedDatabase database;
  for (const std::string workspace : {"acme", "other"}) {
    CHECK(database.run(workspace, insert_row(workspace, "of-" + workspace)).empty());
  }
  CHECK(database.run("acme", "SELECT name FROM branches") == "of-acme");
  CHECK(database.run("other", "SELECT name FROM branches") == "of-other");
  CHECK(database.run("", "SELECT name FROM branches").empty());
  CHECK(database.run("third", "SELECT name FROM branches").empty());
  CHECK(database.run("acme", "SELECT name FROM branches WHERE _workspace = 'other'").empty());
  CHECK(database.run("acme", "SELECT name FROM branches WHERE true OR _workspace = 'acme'") ==
        "of-acme");
}

TEST_CASE("workspaces: a statement that forgets its condition changes no other workspace's rows") {
  const ConfinedDatabase database;
  for (const std::string workspace : {"acme", "other"}) {
    CHECK(database.run(workspace, insert_row(workspace, "of-" + workspace)).empty());
  }
  const std::string own(as_authority);
  CHECK(database.run("acme", own + "UPDATE branches SET ahead = 7").empty());
  CHECK(database.run("other", "SELECT coalesce(ahead, -1) FROM branches") != "7");
  CHECK(database.run("acme", own + "DELETE FROM branches").empty());
  CHECK(database.run("other", "SELECT name FROM branches") == "of-other");
  CHECK(is_kept_out(database.run("acme", insert_row("other", "smuggled"))));
  CHECK(is_kept_out(database.run("other", own + "UPDATE branches SET _workspace = 'acme'")));
  CHECK(is_kept_out(database.run("", insert_row("acme", "nobody-s"))));
}

TEST_CASE("workspaces: every table with a workspace has its policy, forced on its owner too") {
  const ConfinedDatabase database;
  const std::string tables =
      "SELECT count(*) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
      " WHERE a.attname = '_workspace' AND c.relkind = 'r'";
  const std::string all = psql(database.owner, tables);
  CHECK(all == std::to_string(database.schema->collections().size() + 2));
  CHECK(psql(database.owner,
             tables + " AND relrowsecurity AND relforcerowsecurity"
                      " AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)") == all);
  CHECK(psql(database.owner,
             "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
             " FROM pg_roles WHERE rolname = '" +
                 database.role + "'") == "f");
  for (const std::string sql :
       {"CREATE TABLE x (i int)", "DROP TABLE branches", "ALTER TABLE branches ADD x int",
        "DROP POLICY workspace ON branches", "ALTER TABLE branches DISABLE ROW LEVEL SECURITY",
        "UPDATE _storage SET value = '0'", "TRUNCATE branches", "SET ROLE twinstore"}) {
    CAPTURE(sql);
    CHECK(database.run("acme", sql).starts_with("ERROR 42501"));
  }
}

TEST_CASE("workspaces: a server that asks for tokens runs as no role that sees past the policies") {
  const ConfinedDatabase database;
  TokenFolder tokens;
  tokens.add(principal_of("ada", Role::Reader));
  const auto start = [&](const std::string& url) {
    ServerOptions options = over(url);
    options.auth.token_file = tokens.path();
    return Server::start(options);
  };
  set_log_level(LogLevel::Off);
  const std::string superuser =
      "postgresql://postgres" + database.url.substr(database.url.find('@'));
  CHECK(code_of(start(superuser)) == ErrorCode::InvalidArgument);
  CHECK(code_of(start(database.owner)) == ErrorCode::InvalidArgument);
  CHECK(succeeded(start(database.url)));
  CHECK(psql(database.owner, "ALTER ROLE " + database.role + " BYPASSRLS").empty());
  CHECK(code_of(start(database.url)) == ErrorCode::InvalidArgument);
}

TEST_CASE("workspaces: tables of another form are the owner's to bring forward, and it is said") {
  const ConfinedDatabase database;
  CHECK(psql(database.owner, "UPDATE _storage SET value = 'x' WHERE name = 'form'").empty());
  const auto refused = PostgresStorage::open(*database.schema, postgres_options(database.url));
  CHECK(code_of(refused) == ErrorCode::InvalidArgument);
  CHECK(refused.error().message.find("migrate --grant") != std::string::npos);
  CHECK(run_twinstore({"migrate", "--db", database.owner}).exit_code == 0);
  CHECK(PostgresStorage::open(*database.schema, postgres_options(database.url)).ok());
  CHECK(run_twinstore({"migrate", "--db", database.owner, "--grant", "a\"b"}).exit_code == 78);
  CHECK(run_twinstore({"migrate", "--db", "sqlite:///:memory:", "--grant", "a"}).exit_code == 78);
}

TEST_CASE("workspaces: two of them over one database and one server, apart in all that is asked") {
  const ConfinedDatabase database;
  const AuthServer server({principal_of("ada", Role::Writer, "*", "acme"),
                           principal_of("bob", Role::Writer, "*", "other")},
                          over(database.url));
  HttpClient http(server.port());
  const std::string json = "Content-Type: application/json\r\n";
  const auto put = [&](const std::string& user, const std::string& name) {
    const auto answer =
        http.ask("PUT", "/persistence/repository/a%2Fb", bearer(server.token.at(user)) + json,
                 R"({"name":")" + name + "\"}");
    return answer ? answer->status : 0;
  };
  CHECK(put("ada", "canary-acme") == 201);
  CHECK(put("bob", "canary-other") == 201);
  for (const auto& [user, own, foreign] : {std::tuple{"ada", "canary-acme", "canary-other"},
                                           std::tuple{"bob", "canary-other", "canary-acme"}}) {
    const auto pulled =
        http.ask("POST", "/sync", bearer(server.token.at(user)) + json, pull_text());
    REQUIRE(pulled.has_value());
    CHECK(pulled->body.find(own) != std::string::npos);
    CHECK(pulled->body.find(foreign) == std::string::npos);
  }
  const auto empty = http.ask("POST", "/sync", bearer(server.admin) + json, pull_text());
  REQUIRE(empty.has_value());
  CHECK(empty->status == 200);
  CHECK(empty->body.find("canary") == std::string::npos);
}
