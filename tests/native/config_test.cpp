#include <doctest/doctest.h>

#include <array>

#include "config/database_url.h"
#include "config/listen_address.h"
#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

TEST_CASE("a database URL names a file, a relative file or memory") {
  struct Row {
    std::string_view url;
    std::string_view path;
    int timeout_ms;
  };
  constexpr std::array rows{
      Row{"sqlite:///var/lib/x.db", "/var/lib/x.db", 5000},
      Row{"sqlite:////var/lib/x.db", "/var/lib/x.db", 5000},
      Row{"sqlite:///./x.db", "./x.db", 5000},
      Row{"sqlite:///../x.db", "../x.db", 5000},
      Row{"sqlite:///./x.db?timeout=20", "./x.db", 20000},
      Row{"sqlite:///./x.db?timeout=0", "./x.db", 0},
      Row{"sqlite:///./a%20b.db", "./a b.db", 5000},
      Row{"sqlite:///:memory:", ":memory:", 5000},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    const auto location = parse_database_url(row.url);
    if (!succeeded(location)) continue;
    CHECK(location.value().path == row.path);
    CHECK(location.value().busy_timeout_ms == row.timeout_ms);
    CHECK(location.value().is_memory() == (row.path == ":memory:"));
  }
}

TEST_CASE("a database URL of another form is refused") {
  constexpr std::array<std::string_view, 11> urls{
      "",
      "x.db",
      "sqlite:x.db",
      "sqlite://x.db",
      "sqlite:///",
      "sqlite:///folder/",
      "sqlite:///x.db?timeout=-1",
      "sqlite:///x.db?timeout=3601",
      "sqlite:///x.db?timeout=soon",
      "sqlite:///x.db?mode=ro",
      "sqlite:///%zz.db",
  };
  for (const std::string_view url : urls) {
    CAPTURE(url);
    CHECK(code_of(parse_database_url(url)) == ErrorCode::InvalidArgument);
  }
}

TEST_CASE("a PostgreSQL URL is libpq's, but for the parameters that are ours") {
  const auto location = parse_database_url(
      "postgresql://user:secret@host:5433/db?sslmode=require&timeout=3&workspace=acme_1&a=b");
  REQUIRE(succeeded(location));
  CHECK(location.value().is_postgres());
  CHECK(location.value().postgres_url ==
        "postgresql://user:secret@host:5433/db?sslmode=require&a=b");
  CHECK(location.value().busy_timeout_ms == 3000);
  CHECK(location.value().workspace == "acme_1");
  CHECK(location.value().text() == "postgresql://user@host:5433/db workspace=acme_1");
  const auto plain = parse_database_url("postgres://host:5433/db");
  REQUIRE(succeeded(plain));
  CHECK(plain.value().text() == "postgres://host:5433/db workspace=main");
  for (const std::string& name : {std::string(), std::string(64, 'a'), std::string("A")}) {
    CHECK(code_of(parse_database_url("postgresql://host/db?workspace=" + name)) ==
          ErrorCode::InvalidArgument);
  }
  CHECK(succeeded(parse_database_url("postgresql://h/d?workspace=" + std::string(63, 'a'))));
  CHECK(code_of(parse_database_url("postgresql://h/d?word")) == ErrorCode::InvalidArgument);
  CHECK_FALSE(parse_database_url("sqlite:///x.db").value().is_postgres());
}

TEST_CASE("a database's workspaces: main is the file itself, the others have theirs beside it") {
  const auto main = parse_database_url("sqlite:///var/lib/x.db");
  REQUIRE(succeeded(main));
  CHECK(main.value().file() == "/var/lib/x.db");
  CHECK(main.value().in("acme").file() == "/var/lib/x.db.workspaces/acme.db");
  CHECK(main.value().in("acme").in("main").file() == "/var/lib/x.db");
  const auto acme = parse_database_url("sqlite:///var/lib/x.db?workspace=acme&timeout=2");
  REQUIRE(succeeded(acme));
  CHECK(acme.value().file() == "/var/lib/x.db.workspaces/acme.db");
  CHECK(acme.value().busy_timeout_ms == 2000);
  CHECK(parse_database_url("sqlite:///:memory:").value().in("acme").file() == ":memory:");
  for (const std::string_view name : {"..", "../x", "a/b", "A", "a.b", "a%20b", ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_workspace_name(name));
    CHECK(code_of(parse_database_url("sqlite:///x.db?workspace=" + std::string(name))) ==
          ErrorCode::InvalidArgument);
  }
}

TEST_CASE("the default database lies in the temporary directory, whatever its name") {
  const auto location = parse_database_url(default_database_url("/tmp/a?b%c/"));
  if (succeeded(location)) CHECK(location.value().path == "/tmp/a?b%c/code_mri.db");
}

TEST_CASE("an address to listen on is numeric, and says whether other machines reach it") {
  const auto four = parse_listen_address("127.0.0.1:8080");
  if (succeeded(four)) CHECK(four.value().url(four.value().port) == "http://127.0.0.1:8080");
  const auto six = parse_listen_address("[::1]:0");
  if (succeeded(six)) CHECK(six.value().url(81) == "http://[::1]:81");
  if (const auto named = parse_listen_address("localhost:1"); succeeded(named)) {
    CHECK(named.value().host == "127.0.0.1");
  }
  for (const std::string_view text : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"}) {
    CAPTURE(text);
    const auto address = parse_listen_address(text);
    if (succeeded(address)) CHECK(address.value().is_loopback());
  }
  for (const std::string_view text :
       {"0.0.0.0:1", "[::]:1", "192.168.1.1:1", "[::ffff:127.0.0.1]:1", "[2001:db8::1]:1"}) {
    CAPTURE(text);
    const auto address = parse_listen_address(text);
    if (succeeded(address)) CHECK_FALSE(address.value().is_loopback());
  }
  constexpr std::array<std::string_view, 5> refused{"127.0.0.1", "127.0.0.1:", "127.0.0.1:70000",
                                                    "example.org:80", ":80"};
  for (const std::string_view text : refused) {
    CAPTURE(text);
    CHECK(code_of(parse_listen_address(text)) == ErrorCode::InvalidArgument);
  }
}
