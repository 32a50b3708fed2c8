// What a line of the log looks like, and the traces that requests belong to.
#include "base/log.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "http/trace_context.h"

using namespace twinstore;

TEST_CASE("a line as text has its values behind the sentence, quoted where one could be mistaken") {
  CHECK(
      log_text(LogFormat::Text, "commit failed",
               {{"code", "storage_full"}, {"writes", 3}, {"ms", 1.5}, {"detail", "no \"room\""}}) ==
      R"(commit failed code=storage_full writes=3 ms=1.50 detail="no \"room\"")");
  CHECK(log_text(LogFormat::Text, "empty", {{"of", ""}}) == R"(empty of="")");
}

TEST_CASE("nothing that comes from outside begins a line of its own") {
  const std::string_view forged = "x\r\n2026-01-01T00:00:00.000Z level=info admin";
  for (const LogFormat format : {LogFormat::Text, LogFormat::Json}) {
    const std::string line = log_text(format, forged, {{"path", forged}});
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line.find('\r') == std::string::npos);
  }
}

TEST_CASE("a line as JSON is the members of one object, whatever its values hold") {
  const std::string line = log_text(LogFormat::Json, "request",
                                    {{"path", "/\xff\"\\\n"}, {"status", 200}, {"ms", 0.25}});
  const auto json = nlohmann::json::parse("{" + line + "}", nullptr, false);
  REQUIRE(json.is_object());
  CHECK(json["event"] == "request");
  CHECK(json["status"] == 200);
  CHECK(json["ms"] == 0.25);
  CHECK(json["path"].is_string());
}

TEST_CASE("a format is text or json") {
  CHECK(parse_log_format("json").ok());
  CHECK(parse_log_format("text").ok());
  CHECK_FALSE(parse_log_format("JSON").ok());
}

TEST_CASE("a request's trace is that of a valid traceparent") {
  constexpr std::string_view trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const auto header = [&](std::string_view version, std::string_view id, std::string_view rest) {
    return std::string(version) + "-" + std::string(id) + "-" + std::string(rest);
  };
  CHECK(trace_id_of(header("00", trace, "00f067aa0ba902b7-01")) == trace);
  CHECK(trace_id_of(header("cc", trace, "00f067aa0ba902b7-01-more")) == trace);
  for (const std::string& wrong :
       {std::string(), header("ff", trace, "00f067aa0ba902b7-01"),
        header("00", trace, "00f067aa0ba902b7-01-more"), header("00", trace, "0000000000000000-01"),
        header("00", std::string(32, '0'), "00f067aa0ba902b7-01"),
        header("00", "4BF92F3577B34DA6A3CE929D0E0E4736", "00f067aa0ba902b7-01"),
        header("00", trace, "00f067aa0ba902b7_01"), header("00", trace, "00f067aa0ba902b7-0"),
        header("0g", trace, "00f067aa0ba902b7-01"), header("01", trace, "00f067aa0ba902b7-01x")}) {
    CAPTURE(wrong);
    CHECK(trace_id_of(wrong).empty());
  }
}
