// PostgresStorage against the facts that hold for every storage, and what only it has to bear: a
// server that goes away or fills up, settings that would lose data, other sessions.
#include "storage_postgres/storage.h"

#include <pwd.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../storage/storage_suite.h"
#include "node.h"
#include "storage_postgres/error.h"
#include "storage_postgres/tables.h"

namespace twinstore::test {

// One database for all, and a workspace for each: what one holds, another must not see.
struct PostgresEngine {
  explicit PostgresEngine(const Schema& schema) {
    static const std::string url = Cluster::shared().create_database();
    static int count = 0;
    PostgresOptions options = postgres_options(url);
    options.workspace = "w" + std::to_string(++count);
    storage = open_postgres(schema, options);
  }
  std::unique_ptr<Storage> storage;
};

TWINSTORE_STORAGE_SUITE(PostgresEngine, FaultyEngine<PostgresEngine>);

namespace {

ErrorCode code_of(const Result<void>& result) {
  CHECK_FALSE(result.ok());
  return result.ok() ? ErrorCode::Internal : result.error().code;
}

// Ends the server's side of every session but the one that asks.
void cut_connections(const std::string& url) {
  const std::string cut = psql(url,
                               "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                               " WHERE pid <> pg_backend_pid() AND datname = current_database()");
  CHECK_MESSAGE(cut != "0", cut);
}

struct World {
  Schema schema = suite_schema();
  std::string url = Cluster::shared().create_database();
  std::unique_ptr<PostgresStorage> storage = open_postgres(schema, postgres_options(url));
};

}  // namespace

TEST_CASE("postgres: a session that was cut while idle is replaced without a word") {
  World world;
  CHECK(world.storage->put("s", "k", "v").ok());
  cut_connections(world.url);
  CHECK(world.storage->put("s", "k", "again").ok());
  const auto reader = open_postgres(world.schema, postgres_options(world.url, true));
  CHECK(reader->get("s", "k").value() == "again");
  cut_connections(world.url);
  CHECK(reader->begin().ok());
  CHECK(reader->get("s", "k").value() == "again");
}

TEST_CASE("postgres: a session cut in a transaction is Unavailable, once, and nothing is stored") {
  World world;
  REQUIRE(world.storage->begin().ok());
  REQUIRE(world.storage->put("s", "k", "v").ok());
  cut_connections(world.url);
  CHECK(code_of(world.storage->commit()) == ErrorCode::Unavailable);
  world.storage->rollback();
  CHECK_FALSE(world.storage->get("s", "k").value().has_value());
  REQUIRE(world.storage->begin().ok());
  REQUIRE(world.storage->put("s", "k", "v").ok());
  CHECK(world.storage->commit().ok());
  CHECK(world.storage->get("s", "k").value() == "v");
}

TEST_CASE("postgres: a server that crashes and comes back has what was acknowledged") {
  Cluster cluster;
  const Schema schema = suite_schema();
  const auto storage = open_postgres(schema, postgres_options(cluster.create_database()));
  CHECK(storage->put("s", "acknowledged", "v").ok());
  REQUIRE(storage->begin().ok());
  REQUIRE(storage->put("s", "open", "v").ok());
  cluster.crash();
  CHECK(code_of(storage->commit()) == ErrorCode::Unavailable);
  storage->rollback();
  CHECK(code_of(storage->begin()) == ErrorCode::Unavailable);
  CHECK(code_of(storage->put("s", "down", "v")) == ErrorCode::Unavailable);
  cluster.start();
  CHECK(storage->put("s", "up", "v").ok());
  std::string keys;
  CHECK(storage
            ->scan("s", "", "",
                   [&](std::string_view key, std::string_view) {
                     keys += std::string(key) + " ";
                     return true;
                   })
            .ok());
  CHECK(keys == "acknowledged up ");
}

TEST_CASE("postgres: a server that would lose what it acknowledged is refused, with a sentence") {
  const Schema schema = suite_schema();
  for (const char* setting : {"fsync", "full_page_writes"}) {
    CAPTURE(setting);
    Cluster cluster({std::string(setting) + " = off"});
    const auto storage = PostgresStorage::open(schema, postgres_options(cluster.url("postgres")));
    REQUIRE_FALSE(storage.ok());
    CHECK(storage.error().message.find(setting) != std::string::npos);
  }
  World world;
  CHECK(psql(world.url, "ALTER ROLE twinstore SET synchronous_commit = off").empty());
  const auto storage = PostgresStorage::open(schema, postgres_options(world.url));
  CHECK(psql(world.url, "ALTER ROLE twinstore RESET synchronous_commit").empty());
  REQUIRE_FALSE(storage.ok());
  CHECK(storage.error().message.find("synchronous_commit") != std::string::npos);
  CHECK(psql(world.url, "CREATE DATABASE latin TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'")
            .empty());
  const auto latin =
      PostgresStorage::open(schema, postgres_options(Cluster::shared().url("latin")));
  REQUIRE_FALSE(latin.ok());
  CHECK(latin.error().message.find("UTF8") != std::string::npos);
}

TEST_CASE(
    "postgres: who waits too long for the workspace is StorageBusy, and the next one is not") {
  World world;
  PostgresOptions impatient = postgres_options(world.url);
  impatient.lock_timeout_ms = 1;
  const auto other = open_postgres(world.schema, impatient);
  REQUIRE(world.storage->begin().ok());
  CHECK(code_of(other->begin()) == ErrorCode::StorageBusy);
  PostgresOptions elsewhere = impatient;
  elsewhere.workspace = "another";
  CHECK(open_postgres(world.schema, elsewhere)->begin().ok());
  world.storage->rollback();
  CHECK(other->begin().ok());
}

TEST_CASE("postgres: a full disk is StorageFull, nothing of it is stored, and space ends it") {
  const std::filesystem::path folder = Cluster::shared().folder() / "small";
  std::filesystem::create_directory(folder);
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr || ::mount("none", folder.c_str(), "tmpfs", 0, "size=16m") != 0) {
    MESSAGE("left out: this user may not mount a small file system");
    return;
  }
  CHECK(::chown(folder.c_str(), user->pw_uid, user->pw_gid) == 0);
  World world;
  CHECK(psql(world.url, "CREATE TABLESPACE small LOCATION '" + folder.string() + "'").empty());
  CHECK(psql(world.url, "ALTER TABLE _records SET TABLESPACE small").empty());
  CHECK(world.storage->put("s", "before", "v").ok());
  // Random enough not to be compressed away.
  FakeIdSource ids(1);
  std::string value(limits::text_bytes_max, ' ');
  for (char& c : value) c = static_cast<char>('!' + ids.next() % 90);
  Result<void> stored;
  int written = 0;
  while (stored.ok() && written < 100) {
    stored = world.storage->put("s", "k" + std::to_string(written++), value);
  }
  CHECK(code_of(stored) == ErrorCode::StorageFull);
  CHECK(world.storage->get("s", "before").value() == "v");
  CHECK_FALSE(world.storage->get("s", "k" + std::to_string(written - 1)).value().has_value());
  CHECK(psql(world.url, "ALTER TABLE _records SET TABLESPACE pg_default").empty());
  CHECK(world.storage->put("s", "after", value).ok());
  world.storage.reset();
  CHECK(psql(world.url, "DROP TABLESPACE small").empty());
  CHECK(::umount(folder.c_str()) == 0);
}

TEST_CASE("postgres: each failure has its code") {
  struct Row {
    const char* sqlstate;
    ErrorCode code;
  };
  for (const Row& row : {Row{"", ErrorCode::Unavailable}, Row{"57P01", ErrorCode::Unavailable},
                         Row{"57P03", ErrorCode::Unavailable}, Row{"57014", ErrorCode::StorageBusy},
                         Row{"53100", ErrorCode::StorageFull}, Row{"53200", ErrorCode::StorageBusy},
                         Row{"53300", ErrorCode::Unavailable}, Row{"40P01", ErrorCode::StorageBusy},
                         Row{"55P03", ErrorCode::StorageBusy}, Row{"58030", ErrorCode::StorageIo},
                         Row{"XX001", ErrorCode::StorageCorrupt},
                         Row{"25006", ErrorCode::Unavailable}, Row{"42P01", ErrorCode::Sql}}) {
    CAPTURE(row.sqlstate);
    CHECK(postgres::postgres_error(row.sqlstate, "message").code == row.code);
  }
}

TEST_CASE("postgres: a text longer than an index takes stands there by its beginning and digest") {
  const std::string bound(limits::key_bytes_max, 'k');
  CHECK(postgres::index_text(bound) == bound);
  const std::string longer = bound + "k";
  CHECK(postgres::index_text(longer).size() < limits::key_bytes_max);
  CHECK(postgres::index_text(longer) != postgres::index_text(longer + "k"));
  std::string wide = "k";  // so that no character ends at the cut
  while (wide.size() <= limits::key_bytes_max) wide += "é";
  World world;
  CHECK(world.storage->put("s", wide, "v").ok());
  CHECK(world.storage->get("s", wide).value() == "v");
}

}  // namespace twinstore::test
