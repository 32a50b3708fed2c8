// A server that asks for tokens: over HTTP, over live connections, and what is apart between
// workspaces, scopes and users.
#include "auth_server.h"

#include <doctest/doctest.h>

#include <array>

#include "token_mint.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// One message with a token.
std::optional<HttpAnswer> sync_as(HttpClient& http, const std::string& token,
                                  std::string_view message) {
  return http.ask("POST", "/sync", bearer(token) + "Content-Type: application/json\r\n", message);
}

std::string pull_of(std::string_view scope) {
  std::string text = pull_text();
  return text.replace(text.find("\"*\""), 3, "\"" + std::string(scope) + "\"");
}

// Pushes what the device has written; the answer.
std::optional<HttpAnswer> push_as(HttpClient& http, const std::string& token, Device& device) {
  const auto message = device.replica().next_message();
  TWINSTORE_CHECK(message.ok() && message.value());
  auto answer = sync_as(http, token, *message.value());
  if (answer && answer->status == 200) CHECK(succeeded(device.replica().receive(answer->body)));
  return answer;
}

int close_code_of(LiveClient& live) {
  while (const auto frame = live.read()) {
    if (frame->opcode == 8) return frame->close_code();
  }
  return 0;
}

}  // namespace

TEST_CASE("auth: without a token 401 says Bearer and nothing else, in the form of each path") {
  const AuthServer server;
  HttpClient http(server.port());
  for (const std::string& token : {std::string(), std::string("x"), std::string(9000, 'x')}) {
    const auto answer = http.ask("GET", "/persistence/branches/a%2Fb", bearer(token));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 401);
    CHECK(answer->headers.at("www-authenticate") == "Bearer");
    CHECK(answer->headers.at("cache-control") == "no-store");
    CHECK(contains(answer->body, R"("detail":"a valid token is needed")"));
  }
  const auto answer = sync_as(http, "", pull_text());
  REQUIRE(answer.has_value());
  CHECK(answer->status == 401);
  CHECK(answer->headers.at("www-authenticate") == "Bearer");
  CHECK(contains(answer->body, R"({"type":"error","code":"unauthorized")"));
  CHECK(http.ask("GET", "/healthz")->status == 200);
}

TEST_CASE("auth: a token in the URL is none") {
  const AuthServer server;
  HttpClient http(server.port());
  for (const std::string_view name : {"access_token", "token", "authorization"}) {
    const std::string query = "?" + std::string(name) + "=" + server.admin;
    CHECK(http.ask("GET", "/persistence/stats" + query)->status == 401);
    CHECK(http.ask("GET", "/sync/live" + query)->status == 401);
  }
  CHECK(http.ask("GET", "/persistence/stats", bearer(server.admin))->status == 200);
}

TEST_CASE("auth: a JWT is let in, and one that is signed with something else is not") {
  const TempFolder folder;
  const TokenMint mint(SignatureAlgorithm::Es256);
  const TokenMint stranger(SignatureAlgorithm::Es256);
  folder.write("keys.json", mint.jwks());
  ServerOptions options;
  options.auth = {.token_file = {},
                  .key_file = (folder.path() / "keys.json").string(),
                  .issuer = "i",
                  .audience = "a"};
  const TestServer server({}, options);
  HttpClient http(server.port());
  SystemClock clock;
  const Json claims{{"iss", "i"},
                    {"aud", "a"},
                    {"sub", "ada"},
                    {"exp", clock.now_ms() / 1000 + 600},
                    {"twinstore", {{"role", "reader"}, {"workspace", "acme"}}}};
  CHECK(http.ask("GET", "/persistence/stats", bearer(mint.sign(claims)))->status == 200);
  CHECK(http.ask("GET", "/persistence/stats", bearer(stranger.sign(claims)))->status == 401);
}

TEST_CASE("auth: the workspace of a token is the only one it sees, by any route") {
  const AuthServer server({principal_of("ada", Role::Admin, "*", "acme"),
                           principal_of("bob", Role::Admin, "*", "other")});
  const std::string& acme = server.token.at("ada");
  const std::string& other = server.token.at("bob");
  HttpClient http(server.port());
  const std::string json = "Content-Type: application/json\r\n";
  CHECK(http.ask("PUT", "/persistence/repository/a%2Fb", bearer(acme) + json,
                 R"({"name":"canary-of-acme"})")
            ->status == 201);
  CHECK(http.ask("PUT", "/persistence/branches/a%2Fb", bearer(acme) + json,
                 R"({"branches":[{"name":"main"}]})")
            ->status == 200);
  CHECK(http.ask("PUT", "/persistence/cache-entry/k", bearer(acme) + json,
                 R"({"repo_id":"a/b","path":"p","size_bytes":1})")
            ->status == 201);
  const auto own = sync_as(http, acme, pull_text());
  CHECK(contains(own->body, "canary-of-acme"));
  const std::string cursor = own->body.substr(own->body.find("\"cursor\":\"") + 10);
  for (const std::string& token : {other, server.admin}) {
    const auto foreign = sync_as(http, token, pull_text());
    CHECK(foreign->status == 200);
    CHECK_FALSE(contains(foreign->body, "canary-of-acme"));
    const auto asked = sync_as(http, token, pull_text(cursor.substr(0, cursor.find('"'))));
    CHECK(asked->status == 400);
    CHECK(contains(asked->body, "bad_cursor"));
    // What is another's is what is not there at all, to the last byte.
    for (const std::string_view path :
         {"repository/a%2Fb", "branches/a%2Fb", "cache-entry/k", "analysis/a%2Fb/main"}) {
      CAPTURE(path);
      const std::string missing = std::string(path).replace(path.find('/') + 1, 1, "q");
      const auto found = http.ask("GET", "/persistence/" + std::string(path), bearer(token));
      const auto none = http.ask("GET", "/persistence/" + missing, bearer(token));
      CHECK(found->status == none->status);
      const auto without_id = [](std::string body) {
        const size_t at = body.find("\"request_id\"");
        return at == std::string::npos ? body : body.substr(0, at);
      };
      CHECK(without_id(found->body) == without_id(none->body));
      auto headers = found->headers;
      headers["content-length"] = none->headers.at("content-length");
      CHECK(headers == none->headers);
    }
    const auto deleted = http.ask("DELETE", "/persistence/repository/a%2Fb", bearer(token));
    CHECK(deleted->status ==
          http.ask("DELETE", "/persistence/repository/q", bearer(token))->status);
  }
  CHECK(http.ask("GET", "/persistence/repository/a%2Fb", bearer(acme))->status == 200);
}

TEST_CASE("auth: a reader pulls and does not push; a writer of a scope has that scope alone") {
  const AuthServer server(
      {principal_of("reader", Role::Reader), principal_of("of-a", Role::Writer, "a/*")});
  const std::string& reader = server.token.at("reader");
  const std::string& of_a = server.token.at("of-a");
  HttpClient http(server.port());
  Device device(1);
  device.write(insert_counter("k"));
  const auto refused = push_as(http, reader, device);
  CHECK(refused->status == 403);
  CHECK(contains(refused->body, R"("code":"forbidden")"));
  device.replica().lost();
  CHECK(push_as(http, server.admin, device)->status == 200);
  CHECK(sync_as(http, reader, pull_text())->status == 200);
  CHECK(sync_as(http, of_a, pull_text())->status == 403);
  CHECK(sync_as(http, of_a, pull_of("b/c"))->status == 403);
  CHECK(sync_as(http, of_a, pull_of("a/b"))->status == 200);
}

TEST_CASE("auth: a device's writes are pushed for the user who pushed first, and nobody else") {
  const AuthServer server({principal_of("ada", Role::Writer), principal_of("bob", Role::Writer)});
  const std::string& ada = server.token.at("ada");
  const std::string& bob = server.token.at("bob");
  HttpClient http(server.port());
  Device device(1);
  device.write(insert_counter("k"));
  CHECK(push_as(http, ada, device)->status == 200);
  device.write(increment("k"));
  const auto refused = push_as(http, bob, device);
  CHECK(refused->status == 403);
  device.replica().lost();
  CHECK(push_as(http, ada, device)->status == 200);
  Device other(2);
  other.write(insert_counter("of-bob"));
  CHECK(push_as(http, bob, other)->status == 200);
}

TEST_CASE("auth: a live connection says its token first, or is closed with 4401") {
  const AuthServer server;
  Device device(1);
  const std::string subscribe = device.replica().subscribe_message();
  for (const std::string& first : {subscribe, auth_message("wrong"), auth_message(""),
                                   std::string("{"), R"({"type":"auth"})" + std::string(),
                                   R"({"token":")" + server.admin + R"(","type":"auth"})",
                                   R"({"type":"auth","token":7})" + std::string(),
                                   R"({"type":"auth","token":")" + server.admin + R"(","x":1})"}) {
    CAPTURE(first);
    LiveClient live(server.port());
    CHECK(live.status() == 101);
    live.send_text(first);
    live.send_text(subscribe);
    const auto frame = live.read();
    REQUIRE(frame.has_value());
    CHECK(frame->close_code() == 4401);  // and nothing before it
  }
  LiveClient late(server.port());
  CHECK(close_code_of(late) == 4401);
  LiveClient large(server.port());
  large.send_text(std::string((16u << 10) + 1, ' '));
  CHECK(close_code_of(large) == 1009);
}

TEST_CASE("auth: a live connection is told what its scopes hold, and of others that it may not") {
  const AuthServer server({principal_of("of-a", Role::Writer, "a/*")});
  const std::string& of_a = server.token.at("of-a");
  HttpClient http(server.port());
  Device all(1);
  LiveClient live(server.port());
  live.send_text(auth_message(of_a));
  live.send_text(all.replica().subscribe_message());
  auto frame = live.read();
  REQUIRE(frame.has_value());
  CHECK(contains(frame->payload, R"("code":"scope_withdrawn")"));
  CHECK(contains(frame->payload, R"("scope":"*")"));
  Device one(2, "a/b");
  live.send_text(one.replica().subscribe_message());
  frame = live.read();
  REQUIRE(frame.has_value());
  CHECK(contains(frame->payload, R"("type":"behind","scope":"a/b")"));
  const std::string json = "Content-Type: application/json\r\n";
  for (const std::string_view repo : {"z%2Fz", "a%2Fb"}) {
    CHECK(http.ask("PUT", "/persistence/repository/" + std::string(repo),
                   bearer(server.admin) + json, R"({"name":"n"})")
              ->status == 201);
  }
  frame = live.read();
  REQUIRE(frame.has_value());
  CHECK(contains(frame->payload, "a/b"));
  CHECK_FALSE(contains(frame->payload, "z/z"));
}

TEST_CASE("auth: a revoked token's live connection is closed, and told nothing afterwards") {
  AuthServer server({principal_of("ada", Role::Reader)});
  const std::string ada = server.token.at("ada");
  HttpClient http(server.port());
  Device device(1);
  LiveClient live(server.port());
  live.send_text(auth_message(ada));
  live.send_text(device.replica().subscribe_message());
  REQUIRE(live.read().has_value());
  LiveClient stays(server.port());
  stays.send_text(auth_message(server.admin));
  stays.send_text(device.replica().subscribe_message());
  REQUIRE(stays.read().has_value());
  server.tokens.revoke(ada);
  CHECK(close_code_of(live) == 4401);
  CHECK(sync_as(http, ada, pull_text())->status == 401);
  CHECK(http.ask("PUT", "/persistence/repository/a%2Fb",
                 bearer(server.admin) + "Content-Type: application/json\r\n", R"({"name":"n"})")
            ->status == 201);
  const auto frame = stays.read();
  REQUIRE(frame.has_value());
  CHECK(contains(frame->payload, R"("type":"pulled")"));
}

TEST_CASE("auth: who has other rights than before is closed too") {
  AuthServer server({principal_of("ada", Role::Writer)});
  const std::string ada = server.token.at("ada");
  HttpClient http(server.port());
  LiveClient live(server.port());
  live.send_text(auth_message(ada));
  server.tokens.change([&](TokenFile& file) {
    TokenRecord record = *file.find(ada);
    CHECK(file.remove(record.id));
    record.principal.scopes = {"a/*"};
    file.add(record);
  });
  CHECK(close_code_of(live) == 4401);
}

TEST_CASE("auth: a live connection ends with its token") {
  SystemClock clock;
  Principal brief = principal_of("ada", Role::Reader);
  brief.expires_ms = clock.now_ms() + 3000;
  const AuthServer server({brief});
  const std::string& ada = server.token.at("ada");
  HttpClient http(server.port());
  LiveClient live(server.port());
  live.send_text(auth_message(ada));
  CHECK(close_code_of(live) == 4401);
  CHECK(clock.now_ms() >= brief.expires_ms);
  CHECK(sync_as(http, ada, pull_text())->status == 401);
}

TEST_CASE("auth: a principal has twenty live connections, and room again when one leaves") {
  const AuthServer server;
  std::vector<std::unique_ptr<LiveClient>> open;
  Device device(1);
  const auto connect = [&] {
    auto live = std::make_unique<LiveClient>(server.port());
    live->send_text(auth_message(server.admin));
    live->send_text(device.replica().subscribe_message());
    return live;
  };
  for (size_t i = 0; i < limits::live_per_principal_max; ++i) {
    open.push_back(connect());
    const auto frame = open.back()->read();
    REQUIRE(frame.has_value());
    CHECK(frame->opcode == 1);
  }
  CHECK(close_code_of(*connect()) == 4429);
  open.pop_back();
  for (;;) {  // the server hears of it a moment later
    auto again = connect();
    const auto frame = again->read();
    REQUIRE(frame.has_value());
    if (frame->opcode == 1) break;
  }
}

TEST_CASE("auth: too many requests get 429 and Retry-After, those of others do not") {
  ServerOptions options;
  options.rates = {.per_address = 0, .per_principal = 1, .per_workspace = 0};
  const AuthServer server({principal_of("ada", Role::Reader)}, options);
  HttpClient http(server.port());
  std::optional<HttpAnswer> answer;
  do {
    answer = sync_as(http, server.admin, pull_text());
    REQUIRE(answer.has_value());
  } while (answer->status == 200);
  CHECK(answer->status == 429);
  CHECK(answer->headers.at("retry-after") == "1");
  CHECK(contains(answer->body, R"("code":"rate_limited","message":)"));
  CHECK(contains(answer->body, R"("retryable":true)"));
  CHECK(sync_as(http, server.token.at("ada"), pull_text())->status == 200);
  LiveClient live(server.port());
  live.send_text(auth_message(server.admin));
  for (;;) {  // as many messages as it takes
    live.send_text("{}");
    const auto frame = live.read();
    REQUIRE(frame.has_value());
    if (contains(frame->payload, R"("code":"rate_limited")")) break;
  }
}

TEST_CASE("auth: twenty wrong tokens from an address, then 429") {
  const AuthServer server;
  HttpClient http(server.port());
  int refused = 0;
  std::optional<HttpAnswer> answer;
  for (;; ++refused) {
    answer = sync_as(http, "wrong", pull_text());
    REQUIRE(answer.has_value());
    if (answer->status != 401) break;
  }
  CHECK(answer->status == 429);
  CHECK(answer->headers.contains("retry-after"));
  CHECK(refused >= 20);
}

TEST_CASE("auth: without tokens a server that other machines reach does not start") {
  ServerOptions options;
  options.database.path = ":memory:";
  options.listen.host = "0.0.0.0";
  CHECK(code_of(Server::start(options)) == ErrorCode::InvalidArgument);
  TokenFolder tokens;
  tokens.add(principal_of("ada", Role::Reader));
  options.auth.token_file = tokens.path();
  CHECK(succeeded(Server::start(options)));
}

TEST_CASE("auth: a server without tokens takes the message of a client that has one") {
  const TestServer server;
  Device device(1);
  LiveClient live(server.port());
  live.send_text(auth_message("whatever"));
  live.send_text(device.replica().subscribe_message());
  const auto frame = live.read();
  REQUIRE(frame.has_value());
  CHECK(contains(frame->payload, R"("type":"behind")"));
}
