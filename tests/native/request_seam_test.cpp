// Requests and responses as plain values: the router and the sync endpoint without a socket.
#include <doctest/doctest.h>

#include <array>
#include <future>

#include "api/general_routes.h"
#include "api/router.h"
#include "api/sync_endpoint.h"
#include "http/compression.h"
#include "http/target.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

void set_target(HttpRequest& request, std::string_view text) {
  auto target = parse_target(text);
  TWINSTORE_CHECK(target.ok());
  request.path = std::move(target.value().path);
  request.segments = std::move(target.value().segments);
  request.query = std::move(target.value().query);
}

struct Seam {
  std::unique_ptr<Schema> schema;
  SystemClock clock;
  FakeIdSource ids{7};
  std::unique_ptr<Workspaces> workspaces;
  std::unique_ptr<Router> router;

  explicit Seam(std::vector<std::string> origins = {}) {
    auto parsed = shipped_schema();
    TWINSTORE_CHECK(parsed.ok());
    schema = std::move(parsed).value();
    auto opened = Workspaces::open({*schema, {":memory:"}, clock, ids, [](const auto&) {}});
    TWINSTORE_CHECK(opened.ok());
    workspaces = std::move(opened).value();
    auto made = Origins::make(std::move(origins));
    TWINSTORE_CHECK(made.ok());
    Api api;
    add_general_routes(api, *schema);
    router = std::make_unique<Router>(
        std::move(api), std::move(made).value(), std::nullopt,
        [](const HttpRequest&) -> Result<Principal> { return local_principal("main"); },
        [this](const std::string& name, Workspaces::Ready ready) {
          workspaces->use(name, std::move(ready));
        });
  }

  HttpResponse ask(HttpRequest request) {
    if (request.header("Host").empty()) request.headers.emplace_back("Host", "127.0.0.1:80");
    const auto promise = std::make_shared<std::promise<HttpResponse>>();
    router->answer(std::move(request),
                   [promise](HttpResponse response) { promise->set_value(std::move(response)); });
    return promise->get_future().get();
  }
  HttpResponse post(std::string body, HeaderList headers = {}) {
    HttpRequest request;
    request.method = "POST";
    set_target(request, "/sync");
    request.headers = std::move(headers);
    if (request.header("Content-Type").empty()) {
      request.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
    }
    request.body = std::move(body);
    return ask(std::move(request));
  }
};

HttpRequest request_for(std::string method, std::string_view path, HeaderList headers = {}) {
  HttpRequest request;
  request.method = std::move(method);
  set_target(request, path);
  request.headers = std::move(headers);
  return request;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a pull is answered with a page") {
  Seam seam;
  const HttpResponse response = seam.post(pull_text());
  CHECK(response.status == 200);
  CHECK(response.header("Content-Type") == "application/json");
  CHECK(response.header("Cache-Control") == "no-store");
  CHECK(contains(response.body, R"("type":"pulled")"));
}

TEST_CASE("a gzipped message is understood, a broken one refused") {
  Seam seam;
  const HeaderList coded{{"Content-Encoding", "gzip"}};
  CHECK(seam.post(gzip(pull_text()), coded).status == 200);
  CHECK(seam.post("not gzip", coded).status == 400);
  const HttpResponse grown = seam.post(gzip(std::string(16u << 20, ' ')), coded);
  CHECK(grown.status == 413);
  CHECK(contains(grown.body, R"("code":"body_too_large")"));
}

TEST_CASE("a page above a kibibyte is gzipped for who accepts it") {
  Seam seam;
  Device device(1);
  for (int i = 0; i < 40; ++i) device.write(insert_counter("key-" + std::to_string(i)));
  const auto push = device.replica().next_message();
  CHECK(seam.post(*push.value()).status == 200);
  const HttpResponse plain = seam.post(pull_text());
  const HttpResponse small = seam.post(pull_text(), {{"Accept-Encoding", "gzip"}});
  CHECK(small.header("Content-Encoding") == "gzip");
  CHECK(small.body.size() < plain.body.size());
  const auto back = gunzip(small.body, plain.body.size());
  if (succeeded(back)) CHECK(back.value() == plain.body);
}

TEST_CASE("forms that the endpoint does not read get 415") {
  Seam seam;
  CHECK(seam.post("{}", {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(seam.post("{}", {{"Content-Encoding", "zstd"}}).status == 415);
}

TEST_CASE("an unknown path is 404, a wrong method 405 with Allow") {
  Seam seam;
  const HttpResponse missing = seam.ask(request_for("GET", "/sync/nothing"));
  CHECK(missing.status == 404);
  CHECK(missing.header("Content-Type") == "application/problem+json");
  const HttpResponse wrong = seam.ask(request_for("DELETE", "/sync"));
  CHECK(wrong.status == 405);
  CHECK(wrong.header("Allow") == "POST, OPTIONS");
}

TEST_CASE("a host that is not a loopback name is refused, against rebinding of names") {
  Seam seam;
  constexpr std::array<std::string_view, 5> trusted{"localhost", "LOCALHOST:80", "127.0.0.1:8080",
                                                    "127.9.9.9", "[::1]:80"};
  for (const std::string_view host : trusted) {
    CAPTURE(host);
    CHECK(seam.ask(request_for("GET", "/x", {{"Host", std::string(host)}})).status == 404);
  }
  constexpr std::array<std::string_view, 4> refused{"evil.example", "127.0.0.1.evil.example",
                                                    "localhost.evil.example:80", "[::2]"};
  for (const std::string_view host : refused) {
    CAPTURE(host);
    CHECK(seam.ask(request_for("GET", "/x", {{"Host", std::string(host)}})).status == 403);
  }
}

TEST_CASE("a page of another origin is refused unless it is listed") {
  Seam seam({"http://localhost:5173"});
  const std::string pull = pull_text();
  CHECK(seam.post(pull, {{"Origin", "http://127.0.0.1:80"}}).status == 200);
  CHECK(seam.post(pull, {{"Origin", "http://evil.example"}}).status == 403);
  CHECK(seam.post(pull, {{"Origin", "null"}}).status == 403);
  const HttpResponse listed = seam.post(pull, {{"Origin", "http://localhost:5173"}});
  CHECK(listed.status == 200);
  CHECK(listed.header("Access-Control-Allow-Origin") == "http://localhost:5173");
  const HttpResponse preflight =
      seam.ask(request_for("OPTIONS", "/sync", {{"Origin", "http://localhost:5173"}}));
  CHECK(preflight.status == 204);
  CHECK(preflight.header("Access-Control-Allow-Methods") == "POST, OPTIONS");
  CHECK(seam.ask(request_for("OPTIONS", "/sync", {{"Origin", "http://evil.example"}})).status ==
        403);
  CHECK(code_of(Origins::make({"*"})) == ErrorCode::InvalidArgument);
}

TEST_CASE("bad messages get their own codes and change nothing") {
  Seam seam;
  const std::string before = seam.post(pull_text()).body;
  const std::string hello = R"("protocol":1,"schema":"code_mri","schema_version":1,)"
                            R"("client_id":"0123456789abcdef")";
  const std::string push = R"({"type":"push",)" + hello + R"(,"acked_seq":0,"mutations":[)";
  std::string deep = "[";
  for (int i = 0; i < 64; ++i) deep += "[";
  struct Row {
    std::string body;
    std::string_view code;
    int status;
  };
  const std::array rows{
      Row{"", "invalid_json", 400},
      Row{"{", "invalid_json", 400},
      Row{"{\"type\":\"x\"}", "invalid_json", 400},
      Row{"{\"a\":1,\"a\":2}", "duplicate_key", 400},
      Row{"\"\xff\"", "invalid_utf8", 400},
      Row{deep + std::string(65, ']'), "json_too_deep", 400},
      Row{R"({"type":"pull","protocol":9})", "protocol_unsupported", 400},
      Row{pull_text("made-up"), "bad_cursor", 400},
      Row{pull_text("a.1.00000000000000000000000000000000"), "bad_cursor", 400},
      Row{pull_text(std::string(300, 'x')), "bad_cursor", 400},
      Row{push + R"({"seq":2,"hlc":"x","changes":[]}]})", "sequence_gap", 409},
      Row{R"({"type":"behind","scope":"*"})", "invalid_argument", 400},
  };
  for (const Row& row : rows) {
    CAPTURE(row.body);
    const HttpResponse response = seam.post(row.body);
    CHECK(response.status == row.status);
    CHECK_MESSAGE(contains(response.body, "\"code\":\"" + std::string(row.code) + "\""),
                  response.body);
  }
  CHECK(seam.post(pull_text()).body == before);
}

TEST_CASE("a mutation of an unknown collection is rejected by number and changes no row") {
  Seam seam;
  const HttpResponse response = seam.post(
      R"({"type":"push","protocol":1,"schema":"code_mri","schema_version":1,)"
      R"("client_id":"0123456789abcdef","acked_seq":0,"mutations":[{"seq":1,)"
      R"("hlc":"018e7b94b0f000000123456789abcdef","changes":[{"collection":"nothing","key":["a"],)"
      R"("kind":"delete","base_rev":0}]}]})");
  CHECK(response.status == 200);
  CHECK_MESSAGE(contains(response.body, R"("status":"rejected")"), response.body);
  CHECK(contains(seam.post(pull_text()).body, R"("blocks":[])"));
}
