#include "http/static_files.h"

#include <doctest/doctest.h>

#include <array>

#include "native_world.h"

using namespace twinstore;
using namespace twinstore::test;

namespace {

HttpResponse get(const StaticFiles& files, std::string path, HeaderList headers = {},
                 std::string method = "GET") {
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.headers = std::move(headers);
  return files.answer(request);
}

struct Site {
  TempFolder folder;
  Site() {
    folder.write("secret.txt", "outside");
    folder.write("web/index.html", "<p>index");
    folder.write("web/assets/app-Ab3_-x9Z.js", "1");
    folder.write("web/assets/app-Ab3_-x9Z.js.br", "brotli");
    folder.write("web/assets/app-Ab3_-x9Z.js.gz", "gzip");
    folder.write("web/core.wasm", "wasm");
    folder.write("web/app.webmanifest", "{}");
    folder.write("web/.hidden", "hidden");
    folder.write("web/sub/index.html", "<p>sub");
    std::filesystem::create_symlink("../secret.txt", folder.path() / "web/link.txt");
  }
  StaticFiles open() const {
    auto files = StaticFiles::open((folder.path() / "web").string());
    TWINSTORE_CHECK(files.ok());
    return std::move(files).value();
  }
};

}  // namespace

TEST_CASE("a path that could leave the folder, or names something hidden, is no path") {
  constexpr std::array<std::string_view, 12> refused{"",         "a",         "/..",       "/../x",
                                                     "/a/../b",  "/a/..",     "//etc",     "/a//b",
                                                     "/.hidden", "/a/.git/x", "/a\\..\\b", "/./a"};
  for (const std::string_view path : refused) {
    CAPTURE(path);
    CHECK_FALSE(safe_relative_path(path).has_value());
  }
  CHECK(safe_relative_path("/").has_value());
  CHECK(safe_relative_path("/a/b..c").has_value());
}

TEST_CASE("files outside the folder are not there, through a link neither") {
  const Site site;
  const StaticFiles files = site.open();
  constexpr std::array<std::string_view, 5> paths{"/../secret.txt", "/link.txt", "/.hidden",
                                                  "/missing.js", "/assets"};
  for (const std::string_view path : paths) {
    CAPTURE(path);
    CHECK(get(files, std::string(path)).status == 404);
  }
}

TEST_CASE("files come with their types") {
  const Site site;
  const StaticFiles files = site.open();
  CHECK(get(files, "/").header("Content-Type") == "text/html; charset=utf-8");
  CHECK(get(files, "/core.wasm").header("Content-Type") == "application/wasm");
  CHECK(get(files, "/app.webmanifest").header("Content-Type") == "application/manifest+json");
  CHECK(get(files, "/sub/").body == "<p>sub");
  CHECK(content_type_of("X.JS") == "text/javascript; charset=utf-8");
  CHECK(content_type_of("no-extension") == "application/octet-stream");
}

TEST_CASE("a name with a content hash is immutable, any other is asked for again") {
  const Site site;
  const StaticFiles files = site.open();
  CHECK(get(files, "/assets/app-Ab3_-x9Z.js").header("Cache-Control") ==
        "public, max-age=31536000, immutable");
  CHECK(get(files, "/index.html").header("Cache-Control") == "no-cache");
}

TEST_CASE("a validator that still holds is answered with 304 and no body") {
  const Site site;
  const StaticFiles files = site.open();
  const HttpResponse first = get(files, "/core.wasm");
  const HttpResponse again =
      get(files, "/core.wasm", {{"If-None-Match", std::string(first.header("ETag"))}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  site.folder.write("web/core.wasm", "other bytes");
  const HttpResponse changed =
      get(files, "/core.wasm", {{"If-None-Match", std::string(first.header("ETag"))}});
  CHECK(changed.status == 200);
  CHECK(changed.body == "other bytes");
}

TEST_CASE("a precompressed sibling is sent to who accepts it, brotli first") {
  const Site site;
  const StaticFiles files = site.open();
  const std::string path = "/assets/app-Ab3_-x9Z.js";
  const HttpResponse best = get(files, path, {{"Accept-Encoding", "gzip, br"}});
  CHECK(best.header("Content-Encoding") == "br");
  CHECK(best.body == "brotli");
  CHECK(best.header("Content-Type") == "text/javascript; charset=utf-8");
  CHECK(get(files, path, {{"Accept-Encoding", "gzip"}}).body == "gzip");
  const HttpResponse plain = get(files, path);
  CHECK(plain.body == "1");
  CHECK(plain.header("Vary") == "Accept-Encoding");
  CHECK(plain.header("ETag") != best.header("ETag"));
}

TEST_CASE("navigation to a path of the app gets index.html, a missing asset gets 404") {
  const Site site;
  const StaticFiles files = site.open();
  const HttpResponse page = get(files, "/repos/a/b", {{"Accept", "text/html,*/*"}});
  CHECK(page.status == 200);
  CHECK(page.body == "<p>index");
  CHECK(get(files, "/repos/a/b", {{"Accept", "*/*"}}).status == 404);
}

TEST_CASE("files are read, not written to") {
  const Site site;
  const HttpResponse response = get(site.open(), "/index.html", {}, "POST");
  CHECK(response.status == 405);
  CHECK(response.header("Allow") == "GET, HEAD");
}

TEST_CASE("a folder without index.html is refused when the server starts") {
  const TempFolder empty;
  CHECK(code_of(StaticFiles::open(empty.path().string())) == ErrorCode::NotFound);
  CHECK(code_of(StaticFiles::open("/no/such/folder")) == ErrorCode::NotFound);
}
