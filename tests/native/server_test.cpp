// The whole server over real sockets on a free port, with core's replicas as the clients.
#include <doctest/doctest.h>

#include <thread>

#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("server: what one client pushes another pulls") {
  const TestServer server;
  HttpClient http(server.port());
  Device a(1);
  Device b(2);
  a.write(edit("insert", "branches", R"(["a/b","feature/\ud83c\udf89"])",
               R"({"repo_id":"a/b","name":"feature/\ud83c\udf89","tags":["x"]})"));
  a.sync(http);
  CHECK(a.pending() == 0);
  b.sync(http);
  const std::string row = b.row("branches", R"(["a/b","feature/\ud83c\udf89"])");
  CHECK(contains(row, R"("tags":["x"])"));
  CHECK(row == a.row("branches", R"(["a/b","feature/\ud83c\udf89"])"));
}

TEST_CASE("server: a live client is sent the changes of another without asking") {
  const TestServer server;
  HttpClient http(server.port());
  Device a(1);
  Device b(2);
  a.sync(http);
  b.sync(http);
  const auto live = go_live(server.port(), b);
  for (int i = 0; i < 3; ++i) {
    a.write(i == 0 ? insert_counter("k") : increment("k"));
    CHECK(a.exchange(http));
    const auto frame = live->read();
    REQUIRE(frame.has_value());
    CHECK(contains(frame->payload, R"("type":"pulled")"));
    CHECK(succeeded(b.replica().receive(frame->payload)));
    CHECK(counter_of(b.row("cache_entries", R"(["k"])")) == i);
  }
}

TEST_CASE("server: a push over the live connection is answered there, and its rows follow") {
  const TestServer server;
  HttpClient http(server.port());
  Device a(1);
  a.sync(http);
  const auto live = go_live(server.port(), a);
  a.write(insert_counter("k"));
  const auto push = a.replica().next_message();
  live->send_text(*push.value());
  bool is_pushed = false;
  bool is_pulled = false;
  for (int i = 0; i < 2; ++i) {
    const auto frame = live->read();
    REQUIRE(frame.has_value());
    is_pushed = is_pushed || contains(frame->payload, R"("type":"pushed")");
    is_pulled = is_pulled || contains(frame->payload, R"("type":"pulled")");
    CHECK(succeeded(a.replica().receive(frame->payload)));
  }
  CHECK(is_pushed);
  CHECK(is_pulled);
  CHECK(a.pending() == 0);
}

TEST_CASE("server: a client that reconnects live is sent what it missed, or is told to pull") {
  const TestServer server;
  HttpClient http(server.port());
  Device a(1);
  Device b(2);
  b.sync(http);
  a.write(insert_counter("k"));
  a.sync(http);
  const auto live = go_live(server.port(), b);
  CHECK(counter_of(b.row("cache_entries", R"(["k"])")) == 0);
  Device fresh(3);
  LiveClient first(server.port());
  first.send_text(fresh.replica().subscribe_message());
  const auto frame = first.read();
  REQUIRE(frame.has_value());
  CHECK(contains(frame->payload, R"("type":"behind")"));
}

TEST_CASE("server: errors on a live connection are messages, and the connection stays") {
  const TestServer server;
  LiveClient live(server.port());
  const std::array<std::pair<std::string, std::string_view>, 3> rows{
      {{"{", "invalid_json"}, {pull_text(), "invalid_argument"}, {std::string("\"\xff\""), ""}}};
  for (const auto& [text, code] : rows) {
    if (code.empty()) break;
    live.send_text(text);
    const auto frame = live.read();
    REQUIRE(frame.has_value());
    CHECK_MESSAGE(contains(frame->payload, "\"code\":\"" + std::string(code) + "\""),
                  frame->payload);
  }
  live.send(2, "binary");
  const auto frame = live.read();
  REQUIRE(frame.has_value());
  CHECK(contains(frame->payload, "invalid_argument"));
}

TEST_CASE("server: a live message over the bound closes with 1009") {
  const TestServer server;
  LiveClient live(server.port());
  live.send_text(std::string((1u << 20) + 1, ' '));
  const auto frame = live.read();
  REQUIRE(frame.has_value());
  CHECK(frame->close_code() == 1009);
}

TEST_CASE("server: a live connection from a page of another origin is refused") {
  const TestServer server;
  CHECK(LiveClient(server.port(), "Origin: http://evil.example\r\n").status() == 403);
  CHECK(LiveClient(server.port(),
                   "Origin: http://127.0.0.1:" + std::to_string(server.port()) + "\r\n")
            .status() == 101);
}

TEST_CASE("server: stopping closes live connections with 1001 and folds the WAL back") {
  TestServer server;
  HttpClient http(server.port());
  Device a(1);
  a.write(insert_counter("k"));
  a.sync(http);
  const auto live = go_live(server.port(), a);
  std::thread stopping([&] { server.server->stop(); });
  const auto frame = live->read();
  CHECK(frame.has_value());
  if (frame) CHECK(frame->close_code() == 1001);
  live->socket().close();
  stopping.join();
  CHECK(std::filesystem::exists(server.folder.path() / "server.db"));
  CHECK_FALSE(std::filesystem::exists(server.folder.path() / "server.db-wal"));
  CHECK_FALSE(RawSocket(server.server->port()).is_open());
}

TEST_CASE("server: a stopped server's rows are there when it starts again") {
  const TempFolder folder;
  ServerOptions options;
  options.database.path = (folder.path() / "x.db").string();
  Device a(1);
  for (int round = 0; round < 3; ++round) {
    auto server = Server::start(options);
    REQUIRE(succeeded(server));
    HttpClient http(server.value()->port());
    a.write(round == 0 ? insert_counter("k") : increment("k"));
    a.sync(http);
    CHECK(a.pending() == 0);
    Device b(static_cast<uint64_t>(10 + round));
    b.sync(http);
    CHECK(counter_of(b.row("cache_entries", R"(["k"])")) == round);
  }
}

TEST_CASE("server: a second server on the same database is refused") {
  const TestServer server;
  ServerOptions options;
  options.database.path = (server.folder.path() / "server.db").string();
  CHECK(code_of(Server::start(options)) == ErrorCode::StorageBusy);
}

TEST_CASE("server: a database in memory serves pushes, pulls and live connections") {
  ServerOptions options;
  options.database.path = ":memory:";
  auto server = Server::start(options);
  REQUIRE(succeeded(server));
  HttpClient http(server.value()->port());
  Device a(1);
  Device b(2);
  b.sync(http);
  const auto live = go_live(server.value()->port(), b);
  a.write(insert_counter("k"));
  a.sync(http);
  const auto frame = live->read();
  REQUIRE(frame.has_value());
  CHECK(succeeded(b.replica().receive(frame->payload)));
  CHECK(counter_of(b.row("cache_entries", R"(["k"])")) == 0);
}
