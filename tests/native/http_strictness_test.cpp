// What the HTTP side lets in, over real sockets: bounds, malformed requests, and that a refusal is
// really delivered.
#include <doctest/doctest.h>

#include "config/server_limits.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Sends the bytes on a new connection and reads the answer to them.
std::optional<HttpAnswer> ask_raw(uint16_t port, std::string_view bytes) {
  HttpClient client(port);
  client.socket().send(bytes);
  return client.read();
}

int status_of(const std::optional<HttpAnswer>& answer) { return answer ? answer->status : 0; }

constexpr std::string_view json = "Content-Type: application/json\r\n";

}  // namespace

TEST_CASE("http: a body at the bound is read, one byte more gets a 413 that arrives") {
  const TestServer server;
  HttpClient client(server.port());
  const std::string blank(limits::request_body_bytes_max, ' ');
  const auto at_bound = client.ask("POST", "/sync", json, blank);
  CHECK(status_of(at_bound) == 400);  // read, and no JSON
  const auto past = client.ask("POST", "/sync", json, blank + " ");
  REQUIRE(past.has_value());
  CHECK(past->status == 413);
  CHECK(past->headers.at("connection") == "close");
  CHECK_MESSAGE(contains(past->body, R"({"type":"error","code":"body_too_large")"), past->body);
}

TEST_CASE("http: a chunked body over the bound gets its 413 too") {
  const TestServer server;
  HttpClient client(server.port());
  client.socket().send("POST /sync HTTP/1.1\r\nHost: 127.0.0.1\r\n" + std::string(json) +
                       "Transfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "100000\r\n" + std::string(1u << 20, ' ') + "\r\n";
  for (int i = 0; i < 10; ++i) client.socket().send(chunk);
  CHECK(status_of(client.read()) == 413);
}

TEST_CASE("http: a body whose client waits for leave to send it is read") {
  const TestServer server;
  HttpClient client(server.port());
  const std::string body = pull_text();
  client.socket().send("POST /sync HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n" +
                       std::string(json) + "Content-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n");
  const auto interim = client.socket().read_until("\r\n\r\n");
  REQUIRE(interim.has_value());
  CHECK(interim->starts_with("HTTP/1.1 100"));
  client.socket().send(body);
  CHECK(status_of(client.read()) == 200);
}

TEST_CASE("http: headers over 16 KiB or more than a hundred get 431, a long target 414") {
  const TestServer server;
  const std::string start = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
  CHECK(status_of(ask_raw(server.port(), start + "X: " + std::string(17000, 'x') + "\r\n\r\n")) ==
        431);
  std::string many = start;
  for (size_t i = 0; i < limits::headers_max; ++i) many += "X: y\r\n";
  CHECK(status_of(ask_raw(server.port(), many + "\r\n")) == 431);
  const std::string path = "/" + std::string(limits::target_bytes_max, 'x');
  CHECK(status_of(ask_raw(server.port(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")) ==
        414);
}

TEST_CASE("http: requests that could be read in two ways are refused") {
  const TestServer server;
  const std::array<std::string, 8> requests{
      "POST /sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /sync HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: "
      "4\r\n\r\nabcd",
      "POST /sync HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "nonsense\r\n\r\n",
  };
  for (const std::string& request : requests) {
    CAPTURE(request);
    CHECK(status_of(ask_raw(server.port(), request)) == 400);
  }
}

TEST_CASE("http: requests sent ahead on one connection are answered in order") {
  const TestServer server;
  HttpClient client(server.port());
  const std::string one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string other = "GET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n";
  client.socket().send(one + other + one);
  CHECK(status_of(client.read()) == 200);
  CHECK(status_of(client.read()) == 404);
  CHECK(status_of(client.read()) == 200);
}

TEST_CASE("http: every answer carries the security headers, and HEAD has no body") {
  const TestServer server;
  HttpClient client(server.port());
  const auto health = client.ask("GET", "/healthz");
  REQUIRE(health.has_value());
  CHECK(health->body.starts_with(R"({"status":"ok","version":")"));
  CHECK(health->headers.at("x-content-type-options") == "nosniff");
  CHECK(contains(health->headers.at("content-security-policy"), "frame-ancestors 'none'"));
  CHECK(health->headers.at("cache-control") == "no-store");
  const auto head = client.ask("HEAD", "/healthz");
  REQUIRE(head.has_value());
  CHECK(head->headers.at("content-length") == std::to_string(health->body.size()));
  CHECK(status_of(client.ask("GET", "/healthz")) == 200);
}

TEST_CASE("http: the web app is served, and the API's paths are never its pages") {
  const TempFolder web;
  web.write("index.html", "<p>index");
  const TestServer server(web.path().string());
  HttpClient client(server.port());
  const std::string_view navigation = "Accept: text/html\r\n";
  const auto page = client.ask("GET", "/repos/x", navigation);
  REQUIRE(page.has_value());
  CHECK(page->body == "<p>index");
  CHECK(status_of(client.ask("GET", "/sync/nothing", navigation)) == 404);
  CHECK(status_of(client.ask("GET", "/sync/live", navigation)) == 426);
  CHECK(status_of(client.ask("GET", "/%2e%2e/%2e%2e/etc/passwd")) == 404);
}

TEST_CASE("http: 300 idle connections do not keep a new one from its answer") {
  const TestServer server;
  std::vector<RawSocket> idle;
  for (int i = 0; i < 300; ++i) idle.emplace_back(server.port());
  HttpClient client(server.port());
  CHECK(status_of(client.ask("GET", "/healthz")) == 200);
}

TEST_CASE("http: a client that closes in the middle of a body leaves the server well") {
  const TestServer server;
  for (int i = 0; i < 20; ++i) {
    HttpClient client(server.port());
    client.socket().send("POST /sync HTTP/1.1\r\nHost: localhost\r\n" + std::string(json) +
                         "Content-Length: 1000\r\n\r\nhalf");
  }
  HttpClient client(server.port());
  CHECK(status_of(client.sync(pull_text())) == 200);
}
