// The webhook refresher over real sockets: what it sends, what it takes, and where it will not go.
#include "refreshers/webhook_refresher.h"

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdlib>

#include "refresh/refresh_limits.h"
#include "http/public_address.h"
#include "native_world.h"
#include "scripted_server.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

const RefreshRequest request{"t1", "o/r", "feature/x", "asked", 1'717'243'200'000};

WebhookSourceConfig hook(uint16_t port, const std::string& scheme = "http",
                         const std::string& host = "127.0.0.1") {
  WebhookSourceConfig config;
  config.url = scheme + "://" + host + ":" + std::to_string(port) + "/hook?key=1";
  config.allow_private_addresses = true;
  return config;
}

Result<Refreshed> ask(const WebhookSourceConfig& config, const CallBounds& bounds = {}) {
  return WebhookRefresher(config).refresh(request, bounds);
}

// A certificate for `localhost` by an authority of its own, made by OpenSSL's program.
struct Certificate {
  TempFolder folder;
  std::string file = (folder.path() / "cert.pem").string();
  std::string key = (folder.path() / "key.pem").string();
  bool is_made =
      std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                   " -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout " +
                   key + " -out " + file + " 2> /dev/null")
                      .c_str()) == 0;
};

}  // namespace

TEST_CASE("webhook: it is asked with a POST, and its rows are taken") {
  ScriptedServer server(http_answer(
      200, R"({"branch":{"commit_sha":"c1"},"analysis":{"commit_sha":"c1","ai_summary":"ok"},)"
           R"("metrics":[{"commit_sha":"c1","metric_name":"files","metric_value":3,)"
           R"("recorded_at":"2024-01-01T00:00:00Z"}]})"));
  WebhookSourceConfig config = hook(server.port());
  config.headers["Authorization"] = "Bearer secret";
  const auto answer = ask(config);
  REQUIRE(succeeded(answer));
  CHECK(answer.value().analyzed_commit == "c1");
  REQUIRE(answer.value().rows.size() == 3);
  const auto row = [&](const char* collection) {
    for (const RefreshedRow& each : answer.value().rows) {
      if (each.collection == collection) return each.record;
    }
    return nlohmann::ordered_json();
  };
  CHECK(row("branches")["name"] == "feature/x");
  CHECK(row("analyses")["branch_name"] == "feature/x");
  CHECK(row("analyses")["analysis_timestamp"] == "2024-06-01T12:00:00.000Z");
  CHECK(row("historical_metrics")["repo_id"] == "o/r");
  const auto sent = server.requests();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].starts_with("POST /hook?key=1 HTTP/1.1\r\n"));
  CHECK(sent[0].find("Authorization: Bearer secret\r\n") != std::string::npos);
  CHECK(sent[0].find("Host: 127.0.0.1:" + std::to_string(server.port())) != std::string::npos);
  CHECK(sent[0].ends_with(
      R"({"task_id":"t1","repo_id":"o/r","branch_name":"feature/x","cause":"asked",)"
      R"("requested_at":"2024-06-01T12:00:00.000Z"})"));
}

TEST_CASE("webhook: statuses say whether another attempt is worth it") {
  struct Row {
    int status;
    ErrorCode code;
  };
  constexpr std::array rows{
      Row{500, ErrorCode::Unavailable},     Row{503, ErrorCode::Unavailable},
      Row{408, ErrorCode::Unavailable},     Row{429, ErrorCode::RateLimited},
      Row{400, ErrorCode::InvalidArgument}, Row{404, ErrorCode::InvalidArgument},
      Row{302, ErrorCode::Forbidden},       Row{201, ErrorCode::InvalidArgument}};
  for (const Row& row : rows) {
    CAPTURE(row.status);
    ScriptedServer server(
        http_answer(row.status, "", "Location: http://169.254.169.254/latest\r\n"));
    CHECK(code_of(ask(hook(server.port()))) == row.code);
    CHECK(server.requests().size() == 1);
  }
  for (const int status : {202, 204}) {
    ScriptedServer server("HTTP/1.1 " + std::to_string(status) + " Later\r\n\r\n");
    const auto later = ask(hook(server.port()));
    REQUIRE(succeeded(later));
    CHECK(later.value().rows.empty());
  }
}

TEST_CASE("webhook: an answer that is none is refused") {
  struct Row {
    std::string body;
    ErrorCode code;
  };
  const std::array rows{
      Row{"[]", ErrorCode::WrongType},
      Row{"", ErrorCode::InvalidJson},
      Row{R"({"analysis":{"commit_sha":"a"},"extra":1})", ErrorCode::UnknownField},
      Row{R"({"analysis":[]})", ErrorCode::WrongType},
      Row{R"({"analysis":{}})", ErrorCode::MissingField},
      Row{R"({"analysis":{"commit_sha":7}})", ErrorCode::MissingField},
      Row{R"({"metrics":{}})", ErrorCode::WrongType},
      Row{R"({"branch":{"name":"other"}})", ErrorCode::InvalidArgument},
      Row{R"({"analysis":{"commit_sha":"a","repo_id":"x/y"}})", ErrorCode::InvalidArgument}};
  for (const Row& row : rows) {
    CAPTURE(row.body);
    ScriptedServer server(http_answer(200, row.body));
    CHECK(code_of(ask(hook(server.port()))) == row.code);
  }
}

TEST_CASE("webhook: an answer has a bound of size") {
  ScriptedServer server(http_answer(200, std::string(limits::refresh_answer_bytes_max + 1, ' ')));
  CHECK(code_of(ask(hook(server.port()))) == ErrorCode::BodyTooLarge);
  ScriptedServer at_bound(http_answer(200, std::string(limits::refresh_answer_bytes_max, ' ')));
  CHECK(code_of(ask(hook(at_bound.port()))) == ErrorCode::InvalidJson);
}

TEST_CASE("webhook: one that never answers is given up, at the deadline or when asked to") {
  ScriptedServer server("");
  CallBounds bounds;
  bounds.deadline = std::chrono::steady_clock::now();
  CHECK(code_of(ask(hook(server.port()), bounds)) == ErrorCode::Unavailable);
  std::stop_source stop;
  std::thread stopping([&] {
    server.await_request();
    stop.request_stop();
  });
  CHECK(code_of(ask(hook(server.port()), {stop.get_token()})) == ErrorCode::Unavailable);
  stopping.join();
}

TEST_CASE("webhook: nobody there, and a name that is none") {
  uint16_t unused = 0;
  {
    const ScriptedServer gone("");
    unused = gone.port();
  }
  CHECK(code_of(ask(hook(unused))) == ErrorCode::Unavailable);
  CHECK(code_of(ask(hook(80, "http", "no-such-host.invalid"))) == ErrorCode::Unavailable);
}

TEST_CASE("webhook: an address of this machine or its network is not asked unless it is allowed") {
  ScriptedServer server(http_answer(204, ""));
  for (const char* host : {"127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]"}) {
    CAPTURE(host);
    WebhookSourceConfig config = hook(server.port(), "http", host);
    config.allow_private_addresses = false;
    CHECK(code_of(ask(config)) == ErrorCode::Forbidden);
  }
  CHECK(server.requests().empty());
}

TEST_CASE("webhook: which addresses are public") {
  using boost::asio::ip::make_address;
  for (const char* text : {"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "169.253.255.255",
                           "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::1"}) {
    CAPTURE(text);
    CHECK(is_public_address(make_address(text)));
  }
  for (const char* text : {"0.0.0.0",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.1.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:10.0.0.1",
                           "fc00::1",
                           "fd12::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "64:ff9b::a00:1",
                           "64:ff9b:1::808:808",
                           "2002:a00:1::1",
                           "2001::1",
                           "2001:db8::1",
                           "3fff::1",
                           "100::1",
                           "4000::1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_public_address(make_address(text)));
  }
}

TEST_CASE("webhook: over TLS the certificate must be trusted, and be the host's") {
  const Certificate certificate;
  REQUIRE(certificate.is_made);
  ScriptedServer server(http_answer(204, ""), certificate.file, certificate.key);
  WebhookSourceConfig trusted = hook(server.port(), "https", "localhost");
  CHECK(code_of(ask(trusted)) == ErrorCode::Unavailable);
  trusted.ca_file = certificate.file;
  CHECK(succeeded(ask(trusted)));
  WebhookSourceConfig other_name = hook(server.port(), "https", "127.0.0.1");
  other_name.ca_file = certificate.file;
  CHECK(code_of(ask(other_name)) == ErrorCode::Unavailable);
  trusted.ca_file = "/no/such/file.pem";
  CHECK(code_of(ask(trusted)) == ErrorCode::InvalidArgument);
}
