#include "framing_attacks.h"

#include <array>
#include <string_view>

namespace twinstore::test {
namespace {

using namespace std::string_literals;
using Attacks = std::vector<FramingAttack>;

const std::string hello =
    "POST /sync HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    constexpr std::string_view digits = "0123456789abcdef";
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

// A header of the request, and behind its end the request that must not run.
FramingAttack with_header(const std::string& header, int status = 400) {
  return {"header " + printable(header), hello + header + "\r\n\r\n" + smuggled(), status};
}

void add_lengths(Attacks& out) {
  const std::vector<std::string> wrong{"+5",
                                       "-5",
                                       "-0",
                                       "0x5",
                                       "5.0",
                                       "5e0",
                                       "5,5",
                                       "5, 5",
                                       "5 5",
                                       "5;",
                                       "5;q=1",
                                       "five",
                                       "\"5\"",
                                       "'5'",
                                       "(5)",
                                       "#5",
                                       "5#",
                                       "0b101",
                                       "1_0",
                                       "NaN",
                                       "Infinity",
                                       "",
                                       " ",
                                       "\t",
                                       "9999999999999999",
                                       "18446744073709551616",
                                       "18446744073709551621",
                                       "99999999999999999999999999",
                                       "\xd9\xa5",
                                       "5\xa0",
                                       "\xef\xbb\xbf"
                                       "5",
                                       "5\v",
                                       "\f5"};
  for (const std::string& value : wrong) out.push_back(with_header("Content-Length: " + value));
  for (const std::string& control : {"\x00"s, "\x01"s, "\x08"s, "\x0b"s, "\x1f"s, "\x7f"s}) {
    out.push_back(with_header("Content-Length: 5" + control));
    out.push_back(with_header("Content-Length: " + control + "5"));
  }
  for (const std::string& two :
       {"Content-Length: 5\r\nContent-Length: 5"s, "Content-Length: 5\r\nContent-Length: 6"s,
        "Content-Length: 0\r\nContent-Length: 5"s, "Content-Length: 5\r\ncontent-length: 0"s,
        "Content-Length: 5\r\nX: y\r\nCONTENT-LENGTH: 5"s,
        "Content-Length: 5\r\nTransfer-Encoding: chunked"s,
        "Transfer-Encoding: chunked\r\nContent-Length: 5"s,
        "Content-Length: 0\r\nTransfer-Encoding: chunked"s,
        "Transfer-Encoding: chunked\r\nContent-Length: 0"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"s,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"s,
        "Transfer-Encoding: identity\r\nContent-Length: 5"s}) {
    out.push_back(with_header(two));
  }
}

void add_codings(Attacks& out) {
  const std::vector<std::string> wrong{"chunked, chunked",
                                       "gzip",
                                       "gzip, chunked",
                                       "chunked, gzip",
                                       "identity",
                                       "identity, chunked",
                                       "xchunked",
                                       "chunkedx",
                                       "chunked;q=1",
                                       "chunked;",
                                       "chunked foo",
                                       "\"chunked\"",
                                       "'chunked'",
                                       "chunked,",
                                       ",chunked",
                                       ", chunked",
                                       "chunked, identity",
                                       "deflate",
                                       "compress",
                                       "trailers",
                                       "",
                                       " ",
                                       "chun ked",
                                       "chunked\v",
                                       "\vchunked",
                                       "\fchunked",
                                       "chunked\x0b, x",
                                       "ch\xc3\xbcnked",
                                       "Chunked, identity",
                                       "[chunked]",
                                       "chunked\t,"};
  for (const std::string& value : wrong) out.push_back(with_header("Transfer-Encoding: " + value));
  for (const std::string& control : {"\x00"s, "\x01"s, "\x1f"s, "\x7f"s}) {
    out.push_back(with_header("Transfer-Encoding: chunked" + control));
    out.push_back(with_header("Transfer-Encoding: " + control + "chunked"));
    out.push_back(with_header("Transfer-Encoding" + control + ": chunked"));
  }
}

void add_header_names(Attacks& out) {
  for (const std::string& name : {"Content-Length"s, "Transfer-Encoding"s}) {
    const std::string value = name == "Content-Length" ? "5" : "chunked";
    for (const std::string& before : {" "s, "\t"s, "\v"s, "\x00"s, "\xa0"s, ","s, ";"s}) {
      out.push_back(with_header(name + before + ": " + value));
      out.push_back(with_header(before + name + ": " + value));
    }
    out.push_back(with_header(name + " " + value));
    out.push_back(with_header(name));
    out.push_back(with_header(name + ":\r\n " + value));
    out.push_back(with_header(name + ": " + value + "\r\n\tx"));
  }
  for (const char c : "()<>@,;\\\"/[]?={} \t"s) {
    out.push_back(with_header("X"s + c + "Y: z"));
  }
  out.push_back(with_header(": z"));
  out.push_back(with_header("X"));
  out.push_back(with_header("\xc3\xbc: z"));
  for (const char c : "\x00\x01\x02\x07\x08\x0b\x0c\x0e\x1b\x1f\x7f"s) {
    out.push_back(with_header("X: a"s + c + "b"));
  }
}

void add_lines(Attacks& out) {
  const std::string body = "Content-Length: 0";
  const auto raw = [&](const std::string& name, const std::string& bytes) {
    out.push_back({"lines: " + name, bytes + smuggled()});
  };
  raw("bare LF throughout", "POST /sync HTTP/1.1\nHost: localhost\n" + body + "\n\n");
  raw("bare LF after the request line",
      "POST /sync HTTP/1.1\nHost: localhost\r\n" + body + "\r\n\r\n");
  raw("bare LF after a header", "POST /sync HTTP/1.1\r\nHost: localhost\n" + body + "\r\n\r\n");
  raw("bare LF at the end", hello + body + "\n\n");
  raw("CR LF LF at the end", hello + body + "\r\n\n");
  raw("LF CR LF at the end", hello + body + "\n\r\n");
  raw("bare CR after a header", hello + "X: y\r" + body + "\r\n\r\n");
  raw("bare CR in a value", hello + "X: y\rz\r\n" + body + "\r\n\r\n");
  raw("CR CR LF", hello + body + "\r\r\n\r\n");
  raw("LF CR", hello + "X: y\n\r" + body + "\r\n\r\n");
  raw("a CR that hides a header", hello + "X: y\rContent-Length: 5\r\n\r\n");
  raw("an empty line first", "\r\n" + hello + body + "\r\n\r\n");
  raw("a space before the request line", " " + hello + body + "\r\n\r\n");
  raw("a folded request line", "POST /sync\r\n HTTP/1.1\r\nHost: localhost\r\n\r\n");
  raw("a folded host", "POST /sync HTTP/1.1\r\nHost: localhost\r\n x\r\n" + body + "\r\n\r\n");
  raw("the first header folded", "POST /sync HTTP/1.1\r\n Host: localhost\r\n" + body + "\r\n\r\n");
  raw("a folded empty line", hello + body + "\r\n \r\n\r\n");
  raw("a tab in place of the empty line", hello + body + "\r\n\t\r\n\r\n");
}

void add_request_lines(Attacks& out) {
  const auto line = [&](const std::string& text, int status = 400) {
    out.push_back({"request line " + printable(text),
                   text + "\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n" + smuggled(), status});
  };
  for (const std::string& version :
       {"HTTP/1.0"s, "HTTP/0.9"s, "HTTP/2.0"s, "HTTP/2"s, "HTTP/1.2"s, "http/1.1"s, "HTTP/1.10"s,
        "HTTP/01.1"s, "HTTP/1,1"s, "XTTP/1.1"s, "HTTP/1.1x"s, "HTTP/ 1.1"s, "HTTP"s, "HTTP/1.1\t"s,
        "HTTP/1.1 "s, "HTTP/1.1 HTTP/1.1"s,
        "HTTP/1\xb7"
        "1"s,
        ""s}) {
    line("POST /sync " + version);
  }
  for (const std::string& text : {"POST /sync"s,
                                  "POST"s,
                                  "POST  /sync HTTP/1.1"s,
                                  "POST /sync  HTTP/1.1"s,
                                  "POST\t/sync HTTP/1.1"s,
                                  "POST /sync\tHTTP/1.1"s,
                                  "POST /sy nc HTTP/1.1"s,
                                  "POST /sync\x00 HTTP/1.1"s,
                                  "POST /sy\x01nc HTTP/1.1"s,
                                  "POST /sync\x7f HTTP/1.1"s,
                                  "POST /\xc3\xbc HTTP/1.1"s,
                                  "post /sync HTTP/1.1"s,
                                  "P(ST /sync HTTP/1.1"s,
                                  "POST: /sync HTTP/1.1"s,
                                  "P\x00ST /sync HTTP/1.1"s,
                                  "POS\xd4 /sync HTTP/1.1"s,
                                  "POST sync HTTP/1.1"s,
                                  "POST http://localhost/sync HTTP/1.1"s,
                                  "POST * HTTP/1.1"s,
                                  "OPTIONS * HTTP/1.1"s,
                                  "CONNECT localhost:80 HTTP/1.1"s,
                                  "POST localhost:80 HTTP/1.1"s,
                                  "POST ?x=/ HTTP/1.1"s,
                                  "POST /%00 HTTP/1.1"s,
                                  "POST /% HTTP/1.1"s,
                                  "POST /%z HTTP/1.1"s,
                                  "POST /%zz HTTP/1.1"s,
                                  "POST /%c0%af HTTP/1.1"s,
                                  "POST /%ff HTTP/1.1"s,
                                  "POST /%ed%a0%80 HTTP/1.1"s,
                                  "POST /%f4%90%80%80 HTTP/1.1"s}) {
    line(text);
  }
  const std::string host = "\r\nHost: localhost\r\n";
  out.push_back({"no host", "GET /healthz HTTP/1.1\r\n\r\n" + smuggled()});
  out.push_back(
      {"two hosts", "GET /healthz HTTP/1.1" + host + "Host: localhost\r\n\r\n" + smuggled()});
  out.push_back({"two hosts in two cases",
                 "GET /healthz HTTP/1.1" + host + "hOST: evil\r\n\r\n" + smuggled()});
  out.push_back({"an unknown expectation",
                 "POST /sync HTTP/1.1" + host + "Expect: 200-ok\r\n\r\n" + smuggled(), 417});
  out.push_back({"a target of 8 KiB and one",
                 "GET /" + std::string(8u << 10, 'x') + " HTTP/1.1" + host + "\r\n" + smuggled(),
                 414});
  out.push_back({"a target without end", "GET /" + std::string(17u << 10, 'x'), 414});
  out.push_back({"headers of 16 KiB and one",
                 "GET /healthz HTTP/1.1" + host + "X: " + std::string(16u << 10, 'x') + "\r\n\r\n",
                 431});
  std::string many = "GET /healthz HTTP/1.1" + host;
  for (int i = 0; i < 100; ++i) many += "X: y\r\n";
  out.push_back({"a hundred headers and one", many + "\r\n" + smuggled(), 431});
  out.push_back({"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s});
  out.push_back({"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"});
  out.push_back({"nothing but zeros", std::string(100, '\0')});
  out.push_back({"an upgrade with a body",
                 "GET /sync/live HTTP/1.1" + host +
                     "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 5\r\n\r\n" +
                     smuggled()});
  out.push_back({"an upgrade and a request behind it",
                 "GET /sync/live HTTP/1.1" + host +
                     "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
                     smuggled()});
}

void add_chunks(Attacks& out) {
  const auto body = [&](const std::string& chunks, int status = 400) {
    out.push_back({"chunks " + printable(chunks.substr(0, 40)),
                   hello + "Transfer-Encoding: chunked\r\n\r\n" + chunks, status});
  };
  const std::string end = "\r\n{}\r\n0\r\n\r\n" + smuggled();
  for (const std::string& size : {"zz"s,
                                  "-2"s,
                                  "+2"s,
                                  "0x2"s,
                                  " 2"s,
                                  "\t2"s,
                                  "2g"s,
                                  "2.0"s,
                                  "\"2\""s,
                                  ""s,
                                  ";x"s,
                                  "fffffffffffffffff"s,
                                  "10000000000000002"s,
                                  "ffffffffffffffff"s,
                                  "8000000000000000"s,
                                  "2\x00"s,
                                  "\x00"
                                  "2"s,
                                  "2\x01"s,
                                  "\xd9\xa2"s,
                                  "g"s,
                                  "2,2"s,
                                  "2\x0b"s}) {
    body(size + end, size == "ffffffffffffffff" || size == "8000000000000000" ? 413 : 400);
  }
  body("2\n{}\r\n0\r\n\r\n" + smuggled());
  body("2\r{}\r\n0\r\n\r\n" + smuggled());
  body("2\r\n{}0\r\n\r\n" + smuggled());
  body("2\r\n{}\n0\r\n\r\n" + smuggled());
  body("2\r\n{}x\r\n0\r\n\r\n" + smuggled());
  body("3\r\n{}\r\n0\r\n\r\n" + smuggled());
  body("1\r\n{}\r\n0\r\n\r\n" + smuggled());
  body("2;" + std::string(70'000, 'x') + "\r\n{}\r\n0\r\n\r\n");
  body("0\r\n bad trailer: x\r\n\r\n" + smuggled());
  body("0\r\nbad\r\n\r\n" + smuggled());
  body("0\r\n: x\r\n\r\n" + smuggled());
  body("2\r\n{", 0);  // and nothing more
  body("2\r\n{}\r\n", 0);
  body("", 0);
}

void add_broken_off(Attacks& out) {
  out.push_back({"half a request line", "GET /hea", 0});
  out.push_back({"half a head", "GET /healthz HTTP/1.1\r\nHost: local", 0});
  out.push_back(
      {"a head without its empty line", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n", 0});
  out.push_back({"half a body", hello + "Content-Length: 10\r\n\r\n{", 0});
}

}  // namespace

std::string smuggled() {
  return "PUT /persistence/repository/smuggled HTTP/1.1\r\nHost: localhost\r\n"
         "Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"name\":\"x\"}";
}

std::vector<FramingAttack> framing_attacks() {
  Attacks out;
  add_lengths(out);
  add_codings(out);
  add_header_names(out);
  add_lines(out);
  add_request_lines(out);
  add_chunks(out);
  add_broken_off(out);
  return out;
}

}  // namespace twinstore::test
