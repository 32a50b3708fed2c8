// What a server says of itself: readiness, metrics, and how it counts.
#include "observe/metrics.h"

#include <doctest/doctest.h>

#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

using std::chrono::milliseconds;

// The value of the line that begins so; -1 when there is none.
double value_of(const std::string& text, const std::string& line) {
  const size_t at = text.find("\n" + line + " ");
  return at == std::string::npos ? -1 : std::atof(text.c_str() + at + line.size() + 2);
}

std::string metrics_of(HttpClient& http) {
  const auto answer = http.ask("GET", "/metrics");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->headers.at("content-type").starts_with("text/plain; version=0.0.4"));
  return answer->body;
}

}  // namespace

TEST_CASE("a quantile lies in the range that holds its share, and a difference is of what came") {
  Latency latency;
  CHECK(latency.counts().quantile(0.5) == 0);
  for (int i = 0; i < 99; ++i) latency.add(milliseconds(3));
  const LatencyCounts before = latency.counts();
  latency.add(milliseconds(700));
  const LatencyCounts after = latency.counts();
  CHECK(after.count == 100);
  CHECK(after.seconds == doctest::Approx(99 * 0.003 + 0.7));
  CHECK(after.quantile(0.5) > 0.0025);
  CHECK(after.quantile(0.5) <= 0.004);
  CHECK(after.quantile(0.995) > 0.5);
  CHECK(after.quantile(1) <= 1);
  CHECK(after.since(before).count == 1);
  CHECK(after.since(before).quantile(0.5) > 0.5);
  latency.add(std::chrono::hours(1));
  CHECK(latency.counts().quantile(1) == latency_bounds.back());
}

TEST_CASE("a server is ready, and says what it can do") {
  const TestServer server;
  HttpClient http(server.port());
  const auto answer = http.ask("GET", "/readyz");
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == R"({"status":"ready","reads":"ok","writes":"ok"})");
}

TEST_CASE("the metrics count what clients did, by names without anything of theirs") {
  const TestServer server;
  HttpClient http(server.port());
  Device device(1);
  device.write(insert_counter("k"));
  device.sync(http);
  const auto live = go_live(server.port(), device);
  Device other(2);
  other.sync(http);
  other.write(increment("k"));
  other.sync(http);
  REQUIRE(live->read());
  CHECK(http.ask("GET", "/no/such/path")->status == 404);
  const std::string text = metrics_of(http);
  CHECK(value_of(text, R"(twinstore_mutations_total{outcome="applied"})") == 2);
  CHECK(value_of(text, R"(twinstore_mutations_total{outcome="rejected"})") == 0);
  CHECK(value_of(text, R"(twinstore_http_requests_total{operation="sync",status="2xx"})") >= 4);
  CHECK(value_of(text, R"(twinstore_http_requests_total{operation="other",status="4xx"})") == 1);
  CHECK(value_of(text, "twinstore_push_seconds_count") == 2);
  CHECK(value_of(text, "twinstore_pull_seconds_count") >= 2);
  CHECK(value_of(text, "twinstore_commit_seconds_count") == 2);
  CHECK(value_of(text, "twinstore_commit_writes_total") == 2);
  CHECK(value_of(text, "twinstore_live_connections") == 1);
  CHECK(value_of(text, "twinstore_http_connections") == 2);
  CHECK(value_of(text, "twinstore_workspaces_open") == 1);
  CHECK(value_of(text, "twinstore_writes_failing") == 0);
  CHECK(value_of(text, "process_resident_memory_bytes") > 1e6);
  CHECK(value_of(text, "process_open_fds") > 3);
  for (const char* of_clients : {"cache_entries", "local", "main\"", "/no/such"}) {
    CAPTURE(of_clients);
    CHECK(text.find(of_clients) == std::string::npos);
  }
  // The frame was written before it was read here, and counted after it was written.
  while (value_of(metrics_of(http), "twinstore_live_delivery_seconds_count") < 1) {
  }
}

TEST_CASE("until a commit succeeds again the server says why nothing is stored") {
  Metrics metrics;
  CHECK_FALSE(metrics.failing());
  metrics.commit_failed(ErrorCode::StorageFull);
  CHECK(metrics.failing() == ErrorCode::StorageFull);
  metrics.committed(1, std::chrono::steady_clock::now());
  CHECK_FALSE(metrics.failing());
  CHECK(metrics.text({}).find("twinstore_commits_failed_total 1") != std::string::npos);
}
