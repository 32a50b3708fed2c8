// Requests that two programs could read in two ways, over raw sockets.
#include <doctest/doctest.h>

#include <array>

#include "framing_attacks.h"
#include "http/request_head.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

// The statuses of all answers in what a connection brought.
std::vector<int> statuses_in(const std::string& received) {
  std::vector<int> out;
  for (size_t at = received.find("HTTP/1.1 "); at != std::string::npos;
       at = received.find("HTTP/1.1 ", at + 1)) {
    out.push_back(std::atoi(received.c_str() + at + 9));
  }
  return out;
}

}  // namespace

TEST_CASE("framing: every attack gets one refusal and the end of its connection") {
  const TestServer server;
  const auto attacks = framing_attacks();
  CHECK(attacks.size() >= 150);
  for (const FramingAttack& attack : attacks) {
    CAPTURE(attack.name);
    RawSocket socket(server.port());
    socket.send(attack.bytes);
    socket.finish();
    const std::vector<int> statuses = statuses_in(socket.read_to_end());
    if (attack.status == 0) {
      CHECK(statuses.empty());
    } else {
      CHECK(statuses == std::vector<int>{attack.status});
    }
  }
  HttpClient client(server.port());
  const auto hidden = client.ask("GET", "/persistence/repository/smuggled");
  REQUIRE(hidden.has_value());
  CHECK(hidden->status == 404);
  MESSAGE("attacks: " << attacks.size());
}

TEST_CASE("framing: the request that attacks hide runs where nothing hides it") {
  const TestServer server;
  RawSocket socket(server.port());
  socket.send(smuggled());
  socket.finish();
  CHECK(statuses_in(socket.read_to_end()) == std::vector<int>{201});
}

TEST_CASE("framing: an attack that comes byte by byte is refused as well") {
  const TestServer server;
  for (const FramingAttack& attack : framing_attacks()) {
    if (attack.bytes.size() > 400 || attack.status == 0) continue;
    CAPTURE(attack.name);
    RawSocket socket(server.port());
    for (const char c : attack.bytes) {
      if (!socket.send({&c, 1})) break;
    }
    socket.finish();
    const std::vector<int> statuses = statuses_in(socket.read_to_end());
    // What is refused before it was all sent may meet a reset connection.
    CHECK((statuses.empty() || statuses == std::vector<int>{attack.status}));
  }
}

TEST_CASE("framing: what is unusual and clear is read") {
  const TestServer server;
  const std::string host = "Host: localhost\r\nContent-Type: application/json\r\n";
  const std::string pull = pull_text();
  const std::string length = std::to_string(pull.size());
  std::string chunked;
  for (const char c : pull) chunked += "1\r\n" + std::string(1, c) + "\r\n";
  const std::array<std::string, 8> requests{
      host + "Content-Length: " + length + "\r\n\r\n" + pull,
      host + "content-LENGTH:" + length + "\r\n\r\n" + pull,
      host + "Content-Length: \t" + length + " \t\r\n\r\n" + pull,
      host + "Content-Length: 000" + length + "\r\n\r\n" + pull,
      host + "Transfer-Encoding: chunked\r\n\r\n" + chunked + "0\r\n\r\n",
      host + "Transfer-Encoding: CHUNKED\r\n\r\n" + chunked + "000\r\n\r\n",
      host + "Transfer-Encoding: chunked\r\n\r\n" + chunked + "0;last=yes\r\nX-Trailer: y\r\n\r\n",
      host + "X-Empty:\r\nX-High: \xc3\xbc\r\nContent-Length: " + length + "\r\n\r\n" + pull,
  };
  for (const std::string& request : requests) {
    CAPTURE(request);
    RawSocket socket(server.port());
    socket.send("POST /sync HTTP/1.1\r\n" + request);
    socket.finish();
    CHECK(statuses_in(socket.read_to_end()) == std::vector<int>{200});
  }
}

TEST_CASE("framing: a trailer is no header, and has no say in how the body ends") {
  const TestServer server;
  const std::string chunked =
      "POST /sync HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\n{}\r\n0\r\n";
  for (const auto& [trailer, status] :
       {std::pair{"Content-Type: application/json", 415}, std::pair{"Host: evil", 415},
        std::pair{"Content-Length: 5", 400}}) {
    CAPTURE(trailer);
    RawSocket socket(server.port());
    socket.send(chunked + trailer + "\r\n\r\n");
    socket.finish();
    CHECK(statuses_in(socket.read_to_end()) == std::vector<int>{status});
  }
}
