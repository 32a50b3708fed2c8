#include <doctest/doctest.h>

#include <array>

#include "config/server_limits.h"
#include "http/compression.h"
#include "http/message.h"
#include "http/target.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

TEST_CASE("a target is decoded once and must be UTF-8 without NUL") {
  const auto target = parse_target("/a%2Fb%20c/%F0%9F%8E%89?x=%2F");
  if (succeeded(target)) {
    CHECK(target.value().path == "/a/b c/\xF0\x9F\x8E\x89");
    CHECK(target.value().query == "x=%2F");
  }
  if (const auto twice = parse_target("/%252e"); succeeded(twice)) {
    CHECK(twice.value().path == "/%2e");
  }
  constexpr std::array<std::string_view, 9> refused{"",     "*",    "http://x/", "/%",     "/%1",
                                                    "/%zz", "/%00", "/%ff",      "/%c0%ae"};
  for (const std::string_view text : refused) {
    CAPTURE(text);
    CHECK(code_of(parse_target(text)) == ErrorCode::InvalidArgument);
  }
}

TEST_CASE("Accept-Encoding names codings, in any case, unless their weight is zero") {
  struct Row {
    std::string_view header;
    bool gzip;
  };
  constexpr std::array rows{Row{"gzip", true},        Row{"br, GZIP", true},
                            Row{"br", false},         Row{"", false},
                            Row{"gzip;q=0", false},   Row{"gzip;q=0.000", false},
                            Row{"gzip; q=0.5", true}, Row{"xgzip", false}};
  for (const Row& row : rows) {
    HttpRequest request;
    request.headers.emplace_back("accept-encoding", row.header);
    CHECK_MESSAGE(accepts_coding(request, "gzip") == row.gzip, row.header);
  }
}

TEST_CASE("gzip and back is the same, and one byte past the bound is refused") {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919);
  const std::string small = gzip(text);
  CHECK(small.size() < text.size());
  const auto back = gunzip(small, text.size());
  if (succeeded(back)) CHECK(back.value() == text);
  CHECK(code_of(gunzip(small, text.size() - 1)) == ErrorCode::BodyTooLarge);
}

TEST_CASE("a body that inflates more than a hundredfold is refused long before its end") {
  const std::string bomb = gzip(std::string(64u << 20, '0'));
  CHECK(code_of(gunzip(bomb, 1u << 30)) == ErrorCode::BodyTooLarge);
}

TEST_CASE("bytes that are not one whole gzip member are refused") {
  const std::string good = gzip("hello");
  CHECK(code_of(gunzip("", 100)) == ErrorCode::InvalidArgument);
  CHECK(code_of(gunzip("hello", 100)) == ErrorCode::InvalidArgument);
  CHECK(code_of(gunzip(good.substr(0, good.size() - 3), 100)) == ErrorCode::InvalidArgument);
  CHECK(code_of(gunzip(good + "x", 100)) == ErrorCode::InvalidArgument);
}
