// Frames as RFC 6455 allows and forbids them, over raw sockets. Numbers are those of the cases of
// the Autobahn test suite that a line restates.
#include <doctest/doctest.h>

#include <array>

#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

constexpr int final_bit = 0x80;
constexpr int text = 1;
constexpr int binary = 2;
constexpr int close_frame = 8;
constexpr int ping = 9;
constexpr int pong = 10;

// `first` is the first byte: FIN, RSV and opcode. The mask is zeros, which is a mask.
std::string frame(int first, const std::string& payload, bool is_masked = true) {
  std::string out(1, static_cast<char>(first));
  const int mask_bit = is_masked ? 0x80 : 0;
  const auto byte = [&](size_t value) { out += static_cast<char>(value & 0xff); };
  if (payload.size() < 126) {
    byte(static_cast<size_t>(mask_bit) | payload.size());
  } else {
    const int bytes = payload.size() < 65536 ? 2 : 8;
    byte(static_cast<size_t>(mask_bit | (bytes == 2 ? 126 : 127)));
    for (int i = bytes - 1; i >= 0; --i) byte(payload.size() >> (8 * i));
  }
  if (is_masked) out.append(4, '\0');
  return out + payload;
}
std::string whole(int opcode, const std::string& payload) {
  return frame(final_bit | opcode, payload);
}
std::string part(int opcode, const std::string& payload) { return frame(opcode, payload); }
std::string last_part(const std::string& payload) { return frame(final_bit, payload); }
std::string closing(int code, const std::string& reason = {}) {
  return whole(close_frame,
               std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + reason);
}
const std::string goodbye = closing(1000);

// What the server says: "answer" for a message, "pong" with its payload, "close" with its code.
std::string said(LiveClient& live) {
  std::string out;
  const auto add = [&](const std::string& what) { out += (out.empty() ? "" : " ") + what; };
  while (const auto frame = live.read()) {
    if (frame->opcode == text) add("answer");
    if (frame->opcode == pong) add("pong:" + frame->payload);
    if (frame->opcode == close_frame) add("close:" + std::to_string(frame->close_code()));
  }
  return out;
}

std::string said_to(uint16_t port, const std::string& bytes, bool is_chopped = false) {
  LiveClient live(port);
  CHECK(live.status() == 101);
  if (is_chopped) {
    for (const char c : bytes) {
      if (!live.socket().send({&c, 1})) break;
    }
  } else {
    live.socket().send(bytes);
  }
  live.socket().finish();
  return said(live);
}

struct Case {
  std::string number;
  std::string bytes;
  std::string said;
};

// A text of so many bytes that is JSON, and no message.
std::string json_of(size_t bytes) { return '"' + std::string(bytes - 2, '*') + '"'; }

void check_all(const std::vector<Case>& cases, bool also_chopped = true) {
  const TestServer server;
  for (const Case& each : cases) {
    CAPTURE(each.number);
    CHECK(said_to(server.port(), each.bytes) == each.said);
    if (also_chopped && each.bytes.size() < 400) {
      CHECK(said_to(server.port(), each.bytes, true) == each.said);
    }
  }
}

}  // namespace

TEST_CASE("websocket: messages of every length class are read, text and binary") {
  std::vector<Case> cases;
  for (const size_t bytes : {2u, 125u, 126u, 127u, 128u, 65535u, 65536u, 1048576u}) {
    cases.push_back({"1.1." + std::to_string(bytes), whole(text, json_of(bytes)) + goodbye,
                     "answer close:1000"});
    cases.push_back({"1.2." + std::to_string(bytes),
                     whole(binary, std::string(bytes, '\xfe')) + goodbye, "answer close:1000"});
  }
  cases.push_back({"1.1.1", whole(text, "") + goodbye, "answer close:1000"});
  cases.push_back({"1.2.1", whole(binary, "") + goodbye, "answer close:1000"});
  cases.push_back({"9 over the bound", whole(text, json_of(1048577)), "close:1009"});
  cases.push_back({"9 over the bound, in parts",
                   part(text, json_of(1048576)) + last_part("  ") + goodbye, "close:1009"});
  check_all(cases);
}

TEST_CASE("websocket: pings come back as they were, pongs are taken") {
  const std::string bytes = "\x00\xff\xfe\xfd\xfc\xfb\x00\xff" + std::string(2, '\0');
  std::string many;
  std::string pongs;
  for (int i = 0; i < 10; ++i) {
    many += whole(ping, "p" + std::to_string(i));
    pongs += "pong:p" + std::to_string(i) + " ";
  }
  check_all({
      {"2.1", whole(ping, "") + goodbye, "pong: close:1000"},
      {"2.2", whole(ping, "Hello, world!") + goodbye, "pong:Hello, world! close:1000"},
      {"2.3", whole(ping, bytes) + goodbye, "pong:" + bytes + " close:1000"},
      {"2.4", whole(ping, std::string(125, '\xfe')) + goodbye,
       "pong:" + std::string(125, '\xfe') + " close:1000"},
      {"2.5", whole(ping, std::string(126, '\xfe')), "close:1002"},
      {"2.7", whole(pong, "") + goodbye, "close:1000"},
      {"2.8", whole(pong, "unsolicited") + goodbye, "close:1000"},
      {"2.9", whole(pong, "unsolicited") + whole(ping, "p") + goodbye, "pong:p close:1000"},
      {"2.10", many + goodbye, pongs + "close:1000"},
  });
}

TEST_CASE("websocket: reserved bits and opcodes end the connection with 1002") {
  std::vector<Case> cases;
  for (int bits = 1; bits < 8; ++bits) {
    for (const int opcode : {text, binary, ping, close_frame}) {
      cases.push_back({"3." + std::to_string(bits) + " opcode " + std::to_string(opcode),
                       frame(final_bit | bits << 4 | opcode, "{}"), "close:1002"});
    }
    cases.push_back({"3." + std::to_string(bits) + " after a message",
                     whole(text, "{}") + frame(final_bit | bits << 4 | text, "{}"),
                     "answer close:1002"});
  }
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    const std::string number = "4." + std::to_string(opcode);
    cases.push_back({number, frame(final_bit | opcode, ""), "close:1002"});
    cases.push_back({number + " with a payload", frame(final_bit | opcode, "{}"), "close:1002"});
    cases.push_back({number + " after a message",
                     whole(text, "{}") + frame(final_bit | opcode, "{}"), "answer close:1002"});
  }
  check_all(cases);
}

TEST_CASE("websocket: a message comes in parts with control frames between, and in no other way") {
  check_all({
      {"5.1", part(ping, "x") + last_part("y"), "close:1002"},
      {"5.2", part(pong, "x") + last_part("y"), "close:1002"},
      {"5.3", part(text, "\"a") + last_part("b\"") + goodbye, "answer close:1000"},
      {"5.6", part(text, "\"a") + whole(ping, "p") + last_part("b\"") + goodbye,
       "pong:p answer close:1000"},
      {"5.6 many",
       part(text, "\"a") + whole(ping, "p") + part(0, "b") + whole(ping, "q") + last_part("c\"") +
           goodbye,
       "pong:p pong:q answer close:1000"},
      {"5.9", last_part("x") + whole(text, "{}"), "close:1002"},
      {"5.10", part(0, "x") + whole(text, "{}"), "close:1002"},
      {"5.12", part(0, "x") + last_part("y"), "close:1002"},
      {"5.15", part(text, "\"a") + last_part("b\"") + last_part("c"), "answer close:1002"},
      {"5.18", part(text, "\"a") + whole(text, "b\""), "close:1002"},
      {"5.18 binary", part(text, "\"a") + whole(binary, "b\""), "close:1002"},
      {"5.19",
       part(text, "\"a") + part(0, "b") + whole(ping, "p") + part(0, "c") + last_part("\"") +
           goodbye,
       "pong:p answer close:1000"},
      {"6.1.2", part(text, "") + part(0, "") + last_part("") + goodbye, "answer close:1000"},
      {"6.1.3", part(text, "") + part(0, "{}") + last_part("") + goodbye, "answer close:1000"},
      {"5 a close between", part(text, "\"a") + goodbye, "close:1000"},
  });
}

TEST_CASE("websocket: text is UTF-8, whole or in parts") {
  std::vector<Case> cases;
  const auto good = [&](const std::string& number, const std::string& bytes) {
    cases.push_back({number, whole(text, '"' + bytes + '"') + goodbye, "answer close:1000"});
    std::string parts = part(text, "\"");
    for (const char c : bytes) parts += part(0, std::string(1, c));
    cases.push_back({number + " in parts", parts + last_part("\"") + goodbye, "answer close:1000"});
  };
  const auto bad = [&](const std::string& number, const std::string& bytes) {
    cases.push_back({number, whole(text, '"' + bytes + '"'), "close:1007"});
    std::string parts = part(text, "\"");
    for (const char c : bytes) parts += part(0, std::string(1, c));
    cases.push_back({number + " in parts", parts + last_part("\""), "close:1007"});
  };
  good("6.2.1", "Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!");
  good("6.5.1", "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5");
  good("6.6.2", "\xce\xba");
  good("6.7.2", "\xc2\x80");
  good("6.7.3", "\xe0\xa0\x80");
  good("6.7.4", "\xf0\x90\x80\x80");
  good("6.9.1", "\x7f");
  good("6.9.2", "\xdf\xbf");
  good("6.9.3", "\xef\xbf\xbf");
  good("6.9.4", "\xf4\x8f\xbf\xbf");
  good("6.11.1", "\xed\x9f\xbf");
  good("6.11.2", "\xee\x80\x80");
  good("6.11.3", "\xef\xbf\xbd");
  good("6.22.1", "\xef\xbf\xbe");
  bad("6.3.1",
      "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"
      "edited");
  bad("6.6.1", "\xce");
  bad("6.8.1", "\xf8\x88\x80\x80\x80");
  bad("6.8.2", "\xfc\x84\x80\x80\x80\x80");
  bad("6.10.1", "\xf7\xbf\xbf\xbf");
  bad("6.11.5", "\xf4\x90\x80\x80");
  bad("6.12.1", "\x80");
  bad("6.12.2", "\xbf");
  bad("6.12.3", "\x80\xbf");
  bad("6.13.1", "\xc0 \xc1 \xc2 ");
  bad("6.13.2", "\xe0 \xe1 ");
  bad("6.14.1", "\xc0");
  bad("6.14.2", "\xe0\x80");
  bad("6.14.3", "\xf0\x80\x80");
  bad("6.16.1", "\xfe");
  bad("6.16.2", "\xff");
  bad("6.17.1", "\xc0\xaf");
  bad("6.17.2", "\xe0\x80\xaf");
  bad("6.17.3", "\xf0\x80\x80\xaf");
  bad("6.18.1", "\xc1\xbf");
  bad("6.18.2", "\xe0\x9f\xbf");
  bad("6.18.3", "\xf0\x8f\xbf\xbf");
  bad("6.19.1", "\xc0\x80");
  bad("6.20.1", "\xed\xa0\x80");
  bad("6.20.7", "\xed\xbf\xbf");
  bad("6.21.1", "\xed\xa0\x80\xed\xb0\x80");
  bad("6.21.8", "\xed\xaf\xbf\xed\xbf\xbf");
  check_all(cases);
}

TEST_CASE("websocket: a close is answered with its code, and nothing is read behind it") {
  std::vector<Case> cases{
      {"7.1.1", whole(text, "{}") + goodbye, "answer close:1000"},
      {"7.1.2", goodbye + goodbye, "close:1000"},
      {"7.1.3", goodbye + whole(ping, "p"), "close:1000"},
      {"7.1.4", goodbye + whole(text, "{}"), "close:1000"},
      {"7.3.1", whole(close_frame, ""), "close:1000"},
      {"7.3.2", whole(close_frame, "\x03"), "close:1002"},
      {"7.3.3", closing(1000), "close:1000"},
      {"7.3.4", closing(1000, "Hello World!"), "close:1000"},
      {"7.3.5", closing(1000, std::string(123, '*')), "close:1000"},
      {"7.3.6", closing(1000, std::string(124, '*')), "close:1002"},
      {"7.5.1", closing(1000, "\xce\xba\xed\xa0\x80"), "close:1002"},
      {"7 a close in parts", part(close_frame, "\x03\xe8") + last_part(""), "close:1002"},
  };
  for (const int code :
       {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
    cases.push_back(
        {"7.7 " + std::to_string(code), closing(code), "close:" + std::to_string(code)});
  }
  for (const int code : {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999}) {
    cases.push_back({"7.9 " + std::to_string(code), closing(code), "close:1002"});
  }
  check_all(cases);
}

TEST_CASE("websocket: a client masks, and says lengths in one way") {
  std::string long_way = frame(final_bit | text, "{}");
  long_way = long_way.substr(0, 1) + '\xfe' + std::string("\0\2", 2) + std::string(4, '\0') + "{}";
  std::string longest = std::string(1, static_cast<char>(final_bit | text)) + '\xff' +
                        std::string("\0\0\0\0\0\0\0\2", 8) + std::string(4, '\0') + "{}";
  std::string endless = std::string(1, static_cast<char>(final_bit | text)) + '\xff' +
                        std::string(8, '\xff') + std::string(4, '\0');
  check_all({
      {"no mask", frame(final_bit | text, "{}", false), "close:1002"},
      {"no mask on a ping", frame(final_bit | ping, "", false), "close:1002"},
      {"no mask on a close", frame(final_bit | close_frame, "\x03\xe8", false), "close:1002"},
      {"a short length in two bytes", long_way, "close:1002"},
      {"a short length in eight bytes", longest, "close:1002"},
      {"a length of 2^64-1", endless, "close:1009"},
  });
}

TEST_CASE("websocket: compression and subprotocols that are offered are not taken up") {
  const TestServer server;
  RawSocket socket(server.port());
  socket.send(
      "GET /sync/live HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\n"
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
      "Sec-WebSocket-Protocol: chat, superchat\r\n\r\n");
  const auto head = socket.read_until("\r\n\r\n");
  REQUIRE(head.has_value());
  CHECK(head->starts_with("HTTP/1.1 101"));
  CHECK(head->find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
  CHECK(head->find("Sec-WebSocket-Extensions") == std::string::npos);
  CHECK(head->find("Sec-WebSocket-Protocol") == std::string::npos);
}

TEST_CASE("websocket: handshakes that are none are refused") {
  const TestServer server;
  const std::string host = "Host: localhost\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const std::string version = "Sec-WebSocket-Version: 13\r\n";
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const std::array<std::pair<std::string, int>, 9> requests{{
      {"GET /sync/live HTTP/1.1\r\n" + host + key + version, 426},
      {"GET /sync/live HTTP/1.1\r\n" + host + key + version + "Upgrade: websocket\r\n", 426},
      {"GET /sync/live HTTP/1.1\r\n" + host + key + version + "Connection: Upgrade\r\n", 426},
      {"GET /sync/live HTTP/1.1\r\n" + host + upgrade + version, 400},
      {"GET /sync/live HTTP/1.1\r\n" + host + upgrade + key, 400},
      {"GET /sync/live HTTP/1.1\r\n" + host + upgrade + key + "Sec-WebSocket-Version: 8\r\n", 426},
      {"GET /elsewhere HTTP/1.1\r\n" + host + upgrade + key + version, 404},
      {"GET /sync/live HTTP/1.1\r\n" + host + upgrade + key + version + "Origin: null\r\n", 403},
      {"GET /sync/live HTTP/1.1\r\n" + host + upgrade + key + version +
           "Origin: http://localhost.evil.example\r\n",
       403},
  }};
  for (const auto& [head, status] : requests) {
    CAPTURE(head);
    HttpClient client(server.port());
    client.socket().send(head + "\r\n");
    const auto answer = client.read();
    REQUIRE(answer.has_value());
    CHECK(answer->status == status);
  }
}
