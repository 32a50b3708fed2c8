// What the configuration of refreshing accepts, and how it says what is wrong.
#include "config/refresh_config.h"

#include <array>

#include "config/http_url.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

TEST_CASE("refresh config: everything that it can say") {
  const auto config = parse_refresh_config(R"({
    "check_interval_minutes": 5, "auto_refresh_enabled": true, "stale_threshold_hours": 1.5,
    "lease_seconds": 60,
    "retry": {"attempts_max": 3, "first_wait_seconds": 10, "wait_max_seconds": 100},
    "sources": [
      {"repositories": ["o/r"], "git": {"path": "/srv/r.git"}},
      {"repositories": ["a/*", "b/c"], "time_limit_seconds": 7,
       "webhook": {"url": "https://x.example/hook?k=1", "headers": {"Authorization": "Bearer t"},
                   "allow_private_addresses": true, "ca_file": "/etc/ca.pem"}},
      {"repositories": ["*"], "command": {"argv": ["/bin/x", "-v"], "folder": "/srv"}}]})");
  REQUIRE(succeeded(config));
  const RefreshConfig& read = config.value();
  CHECK(read.check_interval_minutes == 5);
  CHECK(read.auto_refresh_enabled);
  CHECK(read.stale_threshold_hours == 1.5);
  CHECK(read.policy.lease_ms == 60'000);
  CHECK(read.policy.attempts_max == 3);
  CHECK(read.policy.first_wait_ms == 10'000);
  CHECK(read.policy.wait_max_ms == 100'000);
  REQUIRE(read.sources.size() == 3);
  CHECK(std::get<GitSourceConfig>(read.sources[0].by).path == "/srv/r.git");
  CHECK(read.sources[0].time_limit == std::chrono::seconds(300));
  const auto& hook = std::get<WebhookSourceConfig>(read.sources[1].by);
  CHECK(hook.headers.at("Authorization") == "Bearer t");
  CHECK(hook.allow_private_addresses);
  CHECK(read.sources[1].repositories == std::vector<std::string>{"a/*", "b/c"});
  CHECK(read.sources[1].time_limit == std::chrono::seconds(7));
  CHECK(std::get<CommandSourceConfig>(read.sources[2].by).argv ==
        std::vector<std::string>{"/bin/x", "-v"});
}

TEST_CASE("refresh config: an empty one has the defaults") {
  const auto config = parse_refresh_config("{}");
  REQUIRE(succeeded(config));
  CHECK(config.value().check_interval_minutes == 30);
  CHECK_FALSE(config.value().auto_refresh_enabled);
  CHECK(config.value().stale_threshold_hours == 24);
  CHECK(config.value().sources.empty());
}

TEST_CASE("refresh config: what is wrong is named") {
  struct Row {
    std::string text;
    ErrorCode code;
    std::string begin;
  };
  const auto source = [](const std::string& members) {
    return R"({"sources":[{)" + members + "}]}";
  };
  const std::string any = R"("repositories":["*"],)";
  const std::array rows{
      Row{"[]", ErrorCode::WrongType, "the configuration is not an object"},
      Row{"{", ErrorCode::InvalidJson, ""},
      Row{R"({"interval":5})", ErrorCode::UnknownField, "interval"},
      Row{R"({"check_interval_minutes":0})", ErrorCode::NumberOutOfRange, "check_interval_minutes"},
      Row{R"({"check_interval_minutes":527041})", ErrorCode::NumberOutOfRange,
          "check_interval_minutes"},
      Row{R"({"check_interval_minutes":1.5})", ErrorCode::WrongType, "check_interval_minutes"},
      Row{R"({"auto_refresh_enabled":1})", ErrorCode::WrongType, "auto_refresh_enabled"},
      Row{R"({"stale_threshold_hours":-1})", ErrorCode::NumberOutOfRange, "stale_threshold_hours"},
      Row{R"({"retry":{"attempts_max":0}})", ErrorCode::NumberOutOfRange, "retry.attempts_max"},
      Row{R"({"retry":{"tries":2}})", ErrorCode::UnknownField, "retry.tries"},
      Row{R"({"sources":{}})", ErrorCode::WrongType, "sources"},
      Row{source(any + R"("git":{"path":"/x"})"), ErrorCode::InvalidArgument,
          "sources[0].repositories"},
      Row{source(R"("git":{"path":"/x"})"), ErrorCode::MissingField, "sources[0].repositories"},
      Row{source(R"("repositories":["o/r"],"git":{})"), ErrorCode::MissingField,
          "sources[0].git.path"},
      Row{source(R"("repositories":["a*b"],"command":{"argv":["/x"]})"), ErrorCode::InvalidArgument,
          "sources[0].repositories"},
      Row{source(R"("repositories":["o/r"])"), ErrorCode::InvalidArgument, "sources[0]"},
      Row{source(any + R"("git":{"path":"/x"},"command":{"argv":["/x"]})"),
          ErrorCode::InvalidArgument, "sources[0]"},
      Row{source(any + R"("command":{"argv":[]})"), ErrorCode::MissingField,
          "sources[0].command.argv"},
      Row{source(any + R"("command":{"argv":["sh","-c","x"]})"), ErrorCode::InvalidArgument,
          "sources[0].command.argv"},
      Row{source(any + R"("command":{"argv":[7]})"), ErrorCode::WrongType,
          "sources[0].command.argv"},
      Row{source(any + R"("command":{"argv":["/x"]},"time_limit_seconds":0)"),
          ErrorCode::NumberOutOfRange, "sources[0].time_limit_seconds"},
      Row{source(any + R"("webhook":{"url":"ftp://x"})"), ErrorCode::InvalidArgument,
          "sources[0].webhook.url"},
      Row{source(any + R"("webhook":{"url":"http://x","headers":{"Host":"y"}})"),
          ErrorCode::InvalidArgument, "sources[0].webhook.headers"},
      Row{source(any + R"("webhook":{"url":"http://x","headers":{"X":"a\r\nb"}})"),
          ErrorCode::InvalidArgument, "sources[0].webhook.headers"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto config = parse_refresh_config(row.text);
    REQUIRE_FALSE(config.ok());
    CHECK(config.error().code == row.code);
    CHECK_MESSAGE(config.error().message.starts_with(row.begin), config.error().message);
  }
}

TEST_CASE("refresh config: a file that cannot be read is named") {
  const auto config = read_refresh_config("/no/such/file.json");
  REQUIRE_FALSE(config.ok());
  CHECK(config.error().code == ErrorCode::NotFound);
  const TempFolder folder;
  folder.write("r.json", R"({"sourcs":[]})");
  const auto misspelt = read_refresh_config((folder.path() / "r.json").string());
  REQUIRE_FALSE(misspelt.ok());
  CHECK(misspelt.error().message.find("r.json: sourcs") != std::string::npos);
}

TEST_CASE("an http URL is taken apart, and another form refused") {
  struct Row {
    std::string_view url;
    std::string_view host;
    int port;
    std::string_view target;
    std::string_view authority;
  };
  constexpr std::array rows{
      Row{"http://x.example", "x.example", 80, "/", "x.example"},
      Row{"https://x.example:443/a?b=c", "x.example", 443, "/a?b=c", "x.example"},
      Row{"http://x:8080?q", "x", 8080, "/?q", "x:8080"},
      Row{"http://[::1]:81/p", "::1", 81, "/p", "[::1]:81"},
      Row{"https://127.0.0.1/", "127.0.0.1", 443, "/", "127.0.0.1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    const auto url = parse_http_url(row.url);
    if (!succeeded(url)) continue;
    CHECK(url.value().host == row.host);
    CHECK(url.value().port == row.port);
    CHECK(url.value().target == row.target);
    CHECK(url.value().authority() == row.authority);
  }
  for (const std::string_view text :
       {"", "x", "file:///etc/passwd", "http://", "http:///x", "http://a:b@c/", "http://a@b",
        "http://x:0/", "http://x:99999/", "http://x:/", "http://x/#f", "http://x y/",
        "http://x/\r\nHost: y", "http://[::1/", "http://[]/", "http://[g]/", "http://[::1]x/"}) {
    CAPTURE(text);
    CHECK(code_of(parse_http_url(text)) == ErrorCode::InvalidArgument);
  }
}
