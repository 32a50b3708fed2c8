// Three versions of an application at once, on devices and on the server, and upgrades on the way.
#include <algorithm>

#include "world.h"

using namespace twinstore;
using twinstore::test::edit;
using twinstore::test::succeeded;

namespace {

constexpr int64_t versions = 3;

// Version 2 adds a field and a collection, version 3 a required field with a default and a counter.
std::string schema_of(int64_t version) {
  std::string json = R"({"name":"app","version":)" + std::to_string(version) +
                     R"(,"collections":[{"name":"notes","key":["id"],"scope":"list","fields":[
      {"name":"id","type":"text"},{"name":"list","type":"text"},{"name":"title","type":"text"})";
  if (version >= 2) json += R"(,{"name":"labels","type":"set"})";
  if (version >= 3) {
    json += R"(,{"name":"kind","type":"text","required":true,"default":"plain"})"
            R"(,{"name":"hits","type":"counter"})";
  }
  json += "]}";
  if (version >= 2) {
    json += R"(,{"name":"lists","key":["id"],"scope":"id","fields":[
      {"name":"id","type":"text"},{"name":"name","type":"text"}]})";
  }
  return json + "]}";
}

// A file in memory that stays while nobody has it open.
struct File {
  explicit File(std::string name) : path("/" + std::move(name)) {
    TWINSTORE_CHECK(sqlite3_open_v2(path.c_str(), &keeper,
                                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                    "memdb") == SQLITE_OK);
  }
  ~File() { sqlite3_close(keeper); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::string path;
  sqlite3* keeper = nullptr;
};

class App {
 public:
  App(const std::string& name, int64_t at_version, Clock& clock, uint64_t seed)
      : file_(name), clock_(clock), ids_(seed), version_(at_version) {
    install(at_version);
    TWINSTORE_CHECK(store_->replica().subscribe("*").ok());
  }
  void install(int64_t version) {
    store_.reset();
    auto opened =
        Store::open({schema_of(version), {.path = file_.path, .vfs = "memdb"}}, clock_, ids_);
    REQUIRE(succeeded(opened));
    store_ = std::move(opened).value();
    version_ = version;
  }
  [[nodiscard]] int64_t version() const { return version_; }
  Store& store() { return *store_; }
  Replica& replica() { return store_->replica(); }
  std::string rows(const char* sql) {
    auto query = store_->query(sql);
    REQUIRE(succeeded(query));
    std::string out;
    while (query.value()->statement().step().value()) {
      for (int i = 0; i < sqlite3_column_count(query.value()->statement().handle()); ++i) {
        out += std::string(query.value()->statement().text(i)) + " ";
      }
      out += "\n";
    }
    return out;
  }

 private:
  File file_;
  Clock& clock_;
  FakeIdSource ids_;
  int64_t version_;
  std::unique_ptr<Store> store_;
};

class Service {
 public:
  Service(const std::string& name, int64_t version, Clock& clock) : file_(name), clock_(clock) {
    install(version);
  }
  void install(int64_t version) {
    feed_.reset();
    authority_.reset();
    storage_.reset();
    schema_ = std::make_unique<Schema>(test::parsed_schema(schema_of(version)));
    auto storage =
        SqliteStorage::open(*schema_, {.path = file_.path, .vfs = "memdb", .has_feed = true});
    REQUIRE(succeeded(storage));
    storage_ = std::move(storage).value();
    auto authority = Authority::open(*schema_, *storage_, clock_, ids_);
    REQUIRE(succeeded(authority));
    authority_ = std::move(authority).value();
    feed_ = std::make_unique<ChangeFeed>(*schema_, *storage_, authority_->identity());
  }
  std::string answer(std::string_view text) {
    const auto refused = [&](const Error& error) {
      return encode(*schema_, Message(ErrorMessage{error}));
    };
    const auto message = decode(*schema_, text);
    if (!message.ok()) return refused(message.error());
    if (const auto* pull = std::get_if<PullRequest>(&message.value())) {
      auto page = feed_->page(*pull);
      if (!page.ok()) return refused(page.error());
      return encode(*schema_, Message(std::move(page).value()));
    }
    TWINSTORE_CHECK(storage_->begin().ok());
    auto effect = authority_->push(std::get<PushRequest>(message.value()));
    if (!effect.ok()) {
      storage_->rollback();
      TWINSTORE_CHECK(authority_->reload().ok());
      return refused(effect.error());
    }
    TWINSTORE_CHECK(storage_->commit().ok());
    return encode(*schema_, Message(std::move(effect).value().response));
  }
  [[nodiscard]] int64_t version() const { return schema_->version(); }

 private:
  File file_;
  Clock& clock_;
  FakeIdSource ids_{1};
  std::unique_ptr<Schema> schema_;
  std::unique_ptr<SqliteStorage> storage_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<ChangeFeed> feed_;
};

struct Skewed {
  Skewed(int64_t server_version, const std::vector<int64_t>& app_versions) {
    static int worlds = 0;
    const std::string name = "skew" + std::to_string(++worlds);
    server = std::make_unique<Service>(name + "server", server_version, clock);
    for (size_t i = 0; i < app_versions.size(); ++i) {
      apps.push_back(
          std::make_unique<App>(name + "app" + std::to_string(i), app_versions[i], clock, 10 + i));
    }
  }
  // False when the app is newer than the server, which then refuses it: nothing is lost by that.
  bool level(App& app, int turns = 1000) {
    app.replica().lost();
    app.replica().mark_behind();
    for (; turns > 0; --turns) {
      const auto message = app.replica().next_message();
      REQUIRE(succeeded(message));
      if (!message.value()) return true;
      const size_t pending = app.replica().status().pending;
      const auto received = app.replica().receive(server->answer(*message.value()));
      if (received.ok()) continue;
      CHECK(received.error().code == ErrorCode::SchemaMismatch);
      CHECK(app.version() > server->version());
      CHECK(app.replica().status().pending == pending);
      return false;
    }
    return true;
  }
  void level_all() {
    for (int i = 0; i < 3; ++i) {
      for (auto& app : apps) level(*app);
    }
  }

  FakeClock clock;
  std::unique_ptr<Service> server;
  std::vector<std::unique_ptr<App>> apps;
};

// What an application of this version writes: only what it knows.
std::string random_write(FakeIdSource& random, int64_t version) {
  const std::string id = "\"" + std::to_string(random.next() % 3) + "\"";
  const std::string word = std::to_string(random.next() % 100);
  if (version >= 2 && random.next() % 5 == 0) {
    return edit("upsert", "lists", id, R"({"name":")" + word + "\"}");
  }
  if (random.next() % 6 == 0) return edit("delete", "notes", id, "");
  const bool is_update = random.next() % 2 == 0;
  std::string fields = is_update ? "{" : R"({"list":"l",)";
  const uint64_t what = random.next() % static_cast<uint64_t>(version);
  if (what == 0) fields += R"("title":")" + word + '"';
  if (what == 1) fields += R"("labels":[")" + word + "\"]";
  if (what == 2) fields += R"("kind":")" + word + R"(","hits":{"increment":1})";
  return edit(is_update ? "update" : "upsert", "notes", id, fields + "}");
}

constexpr const char* all_notes =
    "SELECT id, list, title, labels, kind, hits FROM notes ORDER BY id";

}  // namespace

TEST_CASE("skew: every version of the app with every version of the server, and then the newest") {
  for (int64_t server_version = 1; server_version <= versions; ++server_version) {
    for (int64_t app_version = 1; app_version <= versions; ++app_version) {
      CAPTURE(server_version);
      CAPTURE(app_version);
      Skewed world(server_version, {app_version, 1});
      App& app = *world.apps[0];
      REQUIRE(succeeded(
          app.store().write(edit("insert", "notes", R"("n")", R"({"list":"l","title":"mine"})"))));
      CHECK(world.level(app) == (app_version <= server_version));
      CHECK(app.rows("SELECT title FROM notes") == "mine \n");
      world.server->install(versions);
      CHECK(world.level(app));
      CHECK(app.replica().status().pending == 0);
      App& other = *world.apps[1];
      CHECK(world.level(other));
      CHECK(other.rows("SELECT title FROM notes") == "mine \n");
      for (auto& one : world.apps) one->install(versions);
      world.level_all();
      CHECK(app.rows(all_notes) == other.rows(all_notes));
      CHECK(app.rows("SELECT kind FROM notes") == "plain \n");
    }
  }
}

TEST_CASE("skew: an older app's edits keep what newer ones wrote in fields that it does not know") {
  Skewed world(3, {1, 2, 3});
  App& oldest = *world.apps[0];
  App& newest = *world.apps[2];
  REQUIRE(succeeded(newest.store().write(
      edit("insert", "notes", R"("n")",
           R"({"list":"l","title":"t","labels":["x"],"kind":"special","hits":3})"))));
  world.level_all();
  REQUIRE(succeeded(
      oldest.store().write(edit("update", "notes", R"("n")", R"({"title":"from the oldest"})"))));
  world.level_all();
  CHECK(newest.rows("SELECT title, labels, kind, hits FROM notes") ==
        "from the oldest [\"x\"] special 3 \n");
  // A new life made by who does not know them has none of them.
  REQUIRE(succeeded(oldest.store().write(edit("delete", "notes", R"("n")", ""))));
  REQUIRE(succeeded(
      oldest.store().write(edit("insert", "notes", R"("n")", R"({"list":"l","title":"again"})"))));
  world.level_all();
  CHECK(newest.rows("SELECT title, labels, kind, hits FROM notes") == "again [] plain 0 \n");
}

TEST_CASE("skew: upgraded with writes that wait and pages that wait, an app loses none of them") {
  Skewed world(3, {1, 3});
  App& app = *world.apps[0];
  App& other = *world.apps[1];
  for (int i = 0; i < 4; ++i) {
    REQUIRE(succeeded(other.store().write(edit("insert", "notes", "\"" + std::to_string(i) + "\"",
                                               R"({"list":"l","kind":"special"})"))));
  }
  world.level(other);
  REQUIRE(succeeded(
      app.store().write(edit("insert", "notes", R"("mine")", R"({"list":"l","title":"old"})"))));
  const auto push = app.replica().next_message();
  world.server->answer(*push.value());  // its answer is lost
  PullRequest pull{{protocol_version, "app", 1}, {}, "*", "", 2};
  pull.client = app.replica().status().client;
  const Schema& schema = app.store().schema();
  REQUIRE(succeeded(
      app.replica().receive(world.server->answer(encode(schema, Message(std::move(pull)))))));
  REQUIRE(app.replica().status().scopes[0].staged_pages == 1);
  app.install(3);
  CHECK(app.replica().status().pending == 1);
  CHECK(app.rows("SELECT title, kind FROM notes") == "old plain \n");
  world.level(app);
  CHECK(app.replica().status().pending == 0);
  world.level(other);
  CHECK(app.rows(all_notes) == other.rows(all_notes));
  CHECK(app.rows("SELECT count(*) FROM notes WHERE kind = 'special'") == "4 \n");
}

TEST_CASE("skew: whatever is written and upgraded when, all agree once all are up to date") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    FakeIdSource random(seed);
    const auto any_version = [&] { return static_cast<int64_t>(1 + random.next() % versions); };
    Skewed world(any_version(), {any_version(), any_version(), any_version()});
    for (int step = 0; step < 30; ++step) {
      App& app = *world.apps[random.next() % world.apps.size()];
      world.clock.advance(static_cast<int64_t>(random.next() % 1000));
      switch (random.next() % 8) {
        case 0: world.level(app); break;
        case 1: world.level(app, static_cast<int>(random.next() % 3)); break;
        case 2:
          if (app.version() < versions) app.install(app.version() + 1);
          break;
        case 3:
          if (world.server->version() < versions) {
            world.server->install(world.server->version() + 1);
          }
          break;
        default: (void)app.store().write(random_write(random, app.version()));
      }
    }
    world.server->install(versions);
    for (auto& app : world.apps) app->install(versions);
    world.level_all();
    for (auto& app : world.apps) {
      CHECK(app->replica().status().pending == 0);
      CHECK(app->replica().status().rejected == 0);
      CHECK(app->replica().status().mismatches == 0);
      CHECK(app->rows(all_notes) == world.apps[0]->rows(all_notes));
      CHECK(app->rows("SELECT id, name FROM lists ORDER BY id") ==
            world.apps[0]->rows("SELECT id, name FROM lists ORDER BY id"));
    }
  }
}

TEST_CASE("skew: another version of the protocol is refused by name, and the writes stay") {
  Skewed world(1, {1});
  App& app = *world.apps[0];
  REQUIRE(succeeded(app.store().write(edit("insert", "notes", R"("n")", R"({"list":"l"})"))));
  for (const char* protocol : {"\"protocol\":0", "\"protocol\":2", "\"protocol\":3"}) {
    std::string push = *app.replica().next_message().value();
    push.replace(push.find("\"protocol\":1"), 12, protocol);
    const std::string answer = world.server->answer(push);
    CHECK(answer.find("protocol_unsupported") != std::string::npos);
    CHECK(test::code_of(app.replica().receive(answer)) == ErrorCode::ProtocolUnsupported);
    CHECK(app.replica().status().pending == 1);
  }
  CHECK(world.level(app));
}
