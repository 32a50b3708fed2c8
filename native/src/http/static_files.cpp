#include "http/static_files.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "config/server_limits.h"
#include "http/problem.h"

namespace twinstore {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 20> types{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".webp", "image/webp"},
    {".gif", "image/gif"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".woff", "font/woff"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".xml", "application/xml"},
}};

struct Coding {
  std::string_view name;
  std::string_view suffix;
};
constexpr std::array<Coding, 2> codings{{{"br", ".br"}, {"gzip", ".gz"}}};

bool is_hash_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-';
}

// name-XXXXXXXX.ext under assets/: the bundler puts a hash of the content there, so that the name
// never means other bytes.
bool has_content_hash(const fs::path& relative) {
  constexpr size_t hash_characters = 8;
  if (relative.begin() == relative.end() || *relative.begin() != "assets") return false;
  const std::string name = relative.filename().string();
  const size_t dot = name.find('.');
  if (dot == std::string::npos || dot < hash_characters + 2) return false;
  const std::string_view hash =
      std::string_view(name).substr(dot - hash_characters, hash_characters);
  return name[dot - hash_characters - 1] == '-' && std::ranges::all_of(hash, is_hash_character);
}

struct FileStamp {
  uintmax_t bytes = 0;
  int64_t changed_at = 0;
};

std::optional<FileStamp> stamp_of(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error) || error) return std::nullopt;
  const auto bytes = fs::file_size(file, error);
  if (error || bytes > limits::static_file_bytes_max) return std::nullopt;
  const auto changed = fs::last_write_time(file, error);
  if (error) return std::nullopt;
  return FileStamp{bytes, changed.time_since_epoch().count()};
}

std::optional<std::string> read_file(const fs::path& file, uintmax_t bytes) {
  std::ifstream in(file, std::ios::binary);
  std::string out(static_cast<size_t>(bytes), '\0');
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  if (!in) return std::nullopt;
  return out;
}

// If-None-Match holds a list of tags or "*"; weak comparison (RFC 9110 §13.1.2).
bool is_current(std::string_view if_none_match, const std::string& tag) {
  return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

bool is_navigation(const HttpRequest& request) {
  return request.header("Accept").find("text/html") != std::string_view::npos;
}

}  // namespace

std::string_view content_type_of(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    const std::string_view extension = name.substr(dot);
    for (const auto& [known, type] : types) {
      if (is_same_token(known, extension)) return type;
    }
  }
  return "application/octet-stream";
}

std::optional<fs::path> safe_relative_path(std::string_view url_path) {
  if (!url_path.starts_with('/')) return std::nullopt;
  fs::path relative;
  url_path.remove_prefix(1);
  while (!url_path.empty()) {
    const size_t end = url_path.find('/');
    const std::string_view segment = url_path.substr(0, end);
    const bool is_bad = segment.empty() || segment.starts_with('.') ||
                        segment.find('\\') != std::string_view::npos ||
                        segment.find('\0') != std::string_view::npos;
    if (is_bad) return std::nullopt;
    relative /= segment;
    url_path = end == std::string_view::npos ? std::string_view() : url_path.substr(end + 1);
  }
  return relative;
}

Result<StaticFiles> StaticFiles::open(const std::string& folder) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (error || !fs::is_directory(root, error)) {
    return Error{ErrorCode::NotFound, "there is no folder " + folder + " to serve"};
  }
  if (!fs::is_regular_file(root / "index.html", error)) {
    return Error{ErrorCode::NotFound,
                 "the folder " + folder + " holds no index.html; build the app"};
  }
  return StaticFiles(root);
}

std::optional<fs::path> StaticFiles::find(std::string_view url_path) const {
  const auto relative = safe_relative_path(url_path);
  if (!relative) return std::nullopt;
  std::error_code error;
  fs::path file = fs::canonical(root_ / *relative, error);
  if (!error && fs::is_directory(file, error)) file = fs::canonical(file / "index.html", error);
  if (error || !fs::is_regular_file(file, error)) return std::nullopt;
  const auto [end, rest] = std::mismatch(root_.begin(), root_.end(), file.begin(), file.end());
  if (end != root_.end()) return std::nullopt;
  return file;
}

HttpResponse StaticFiles::answer(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return method_not_allowed(request, "GET, HEAD");
  }
  if (const auto file = find(request.path)) {
    return send(request, *file, has_content_hash(file->lexically_relative(root_)));
  }
  if (is_navigation(request)) return send(request, root_ / "index.html", false);
  return not_found(request);
}

HttpResponse StaticFiles::send(const HttpRequest& request, const fs::path& file,
                               bool is_immutable) const {
  fs::path chosen = file;
  std::string_view coding;
  for (const Coding& candidate : codings) {
    fs::path sibling = file;
    sibling += candidate.suffix;
    if (!accepts_coding(request, candidate.name) || !stamp_of(sibling)) continue;
    chosen = sibling;
    coding = candidate.name;
    break;
  }
  const auto stamp = stamp_of(chosen);
  if (!stamp) return not_found(request);
  const std::string tag = "\"" + std::to_string(stamp->changed_at) + "-" +
                          std::to_string(stamp->bytes) + std::string(coding) + "\"";
  HttpResponse response;
  response.set("ETag", tag);
  response.set("Vary", "Accept-Encoding");
  response.set("Cache-Control", is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (is_current(request.header("If-None-Match"), tag)) {
    response.status = 304;
    return response;
  }
  auto body = read_file(chosen, stamp->bytes);
  if (!body) return not_found(request);
  response.body = *std::move(body);
  response.set("Content-Type", std::string(content_type_of(file.filename().string())));
  if (!coding.empty()) response.set("Content-Encoding", std::string(coding));
  return response;
}

}  // namespace twinstore
