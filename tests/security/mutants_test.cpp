// Requests that were good once, damaged at random: whatever comes of them is no 5xx, no crash and
// no leak. The seed replays a run; TWINSTORE_LONG=1 sends 100,000.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "framing_attacks.h"
#include "http/compression.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

using Random = std::mt19937_64;

std::string request(const std::string& method, const std::string& target,
                    const std::string& body = {}, const std::string& headers = {}) {
  std::string out = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
  if (!body.empty()) {
    out +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return out + "\r\n" + body;
}

// A session as clients have it: each route once, and the protocol's messages.
std::vector<std::string> recorded() {
  Device device(1);
  device.write(insert_counter("k"));
  const std::string push = *device.replica().next_message().value();
  const std::string branches = R"({"branches":[{"name":"main","ahead":3,"tags":["a","\u00fc"],)"
                               R"("last_commit_at":"2024-05-01T00:00:00+02:00"}]})";
  const std::string analysis = R"({"commit_sha":"c1","analysis_timestamp":"2024-05-01T00:00:00Z",)"
                               R"("metrics":{"files":3,"depth":[[[1.5e3]]]},"issues":[]})";
  std::vector<std::string> out{
      request("GET", "/healthz"),
      request("GET", "/openapi.json"),
      request("OPTIONS", "/sync", {}, "Origin: http://localhost\r\n"),
      request("POST", "/sync", pull_text()),
      request("POST", "/sync", push),
      request("POST", "/sync", gzip(pull_text()), "Content-Encoding: gzip\r\n"),
      request("PUT", "/persistence/repository/a%2Fb", R"({"name":"n","topics":["x"]})"),
      request("GET", "/persistence/repository/a%2Fb", {}, "If-None-Match: \"1\"\r\n"),
      request("PUT", "/persistence/branches/a%2Fb", branches),
      request("GET", "/persistence/branches/a%2Fb?limit=10&after=x"),
      request("POST", "/persistence/analysis/a%2Fb/main", analysis),
      request("GET", "/persistence/analysis/a%2Fb/main?commit_sha=c1"),
      request("GET", "/persistence/analysis-history/a%2Fb/main?limit=3"),
      request("GET", "/persistence/metrics/a%2Fb/main?since=2024-05-01T00:00:00Z"),
      request("PUT", "/persistence/cache-entry/k",
              R"({"repo_id":"a/b","path":"p","size_bytes":1})"),
      request("GET", "/persistence/cache-entry/k"),
      request("GET", "/sync/conflicts"),
      request("POST", "/sync/resolve-conflict/0?use_local=true"),
      request("POST", "/persistence/cleanup", R"({"max_age_days":30,"cleanup_cache":false})"),
      request("GET", "/persistence/stats"),
      request("DELETE", "/persistence/branches/a%2Fb/main"),
  };
  for (const FramingAttack& attack : framing_attacks()) {
    if (attack.bytes.size() < 2000) out.push_back(attack.bytes);
  }
  return out;
}

size_t below(Random& random, size_t bound) { return bound == 0 ? 0 : random() % bound; }

void damage(std::string& bytes, const std::vector<std::string>& others, Random& random) {
  constexpr std::string_view dictionary[] = {"\r\n",
                                             "\r\n\r\n",
                                             "\n",
                                             "\r",
                                             "\0",
                                             "%00",
                                             "%2f",
                                             "..",
                                             "{",
                                             "}",
                                             "[",
                                             "]",
                                             "\"",
                                             "\\u0000",
                                             "\\ud800",
                                             "1e999",
                                             "-1",
                                             "9007199254740993",
                                             "null",
                                             "true",
                                             "*",
                                             ",",
                                             ":",
                                             "chunked",
                                             "0\r\n\r\n",
                                             "Transfer-Encoding: chunked\r\n",
                                             "Content-Length: 0\r\n",
                                             "Content-Encoding: gzip\r\n",
                                             "If-Match: *\r\n",
                                             "\xff",
                                             "\xed\xa0\x80",
                                             "?",
                                             "&",
                                             "=",
                                             "\"type\":\"push\"",
                                             "\"scope\":\"*\""};
  const size_t at = below(random, bytes.size() + 1);
  switch (below(random, 7)) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(random());
      break;
    case 1:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(random, 8));
      break;
    case 2: bytes.erase(at, below(random, 20)); break;
    case 3: bytes.insert(at, dictionary[below(random, std::size(dictionary))]); break;
    case 4: bytes.insert(at, bytes.substr(below(random, bytes.size()), below(random, 60))); break;
    case 5: {
      const std::string& other = others[below(random, others.size())];
      bytes = bytes.substr(0, at) + other.substr(below(random, other.size()));
      break;
    }
    default: bytes.insert(at, std::string(below(random, 3000), static_cast<char>(random()))); break;
  }
}

}  // namespace

TEST_CASE("mutants: no damaged request gets a 5xx, and the server is well afterwards") {
  const char* is_long = std::getenv("TWINSTORE_LONG");
  const int count = is_long != nullptr && std::string_view(is_long) == "1" ? 100'000 : 5'000;
  const char* named = std::getenv("TWINSTORE_SEED");
  const uint64_t seed = named != nullptr ? std::strtoull(named, nullptr, 10) : 20'240'601;
  const TestServer server;
  const auto originals = recorded();
  Random random(seed);
  std::map<int, int> counts;
  for (int i = 0; i < count; ++i) {
    std::string mutant = originals[below(random, originals.size())];
    for (size_t times = 1 + below(random, 4); times > 0; --times) damage(mutant, originals, random);
    RawSocket socket(server.port());
    REQUIRE(socket.is_open());
    socket.send(mutant);
    socket.finish();
    const std::string received = socket.read_to_end();
    for (size_t at = received.find("HTTP/1.1 "); at != std::string::npos;
         at = received.find("HTTP/1.1 ", at + 1)) {
      const int status = std::atoi(received.c_str() + at + 9);
      ++counts[status];
      CHECK_MESSAGE(status < 500, "seed " << seed << " mutant " << i << ": " << mutant);
    }
  }
  HttpClient client(server.port());
  const auto health = client.ask("GET", "/healthz");
  REQUIRE(health.has_value());
  CHECK(health->status == 200);
  std::string said;
  for (const auto& [status, times] : counts) {
    said += " " + std::to_string(status) + "×" + std::to_string(times);
  }
  MESSAGE("seed " << seed << ", " << count << " mutants:" << said);
}
