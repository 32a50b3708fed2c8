#include "config/database_url.h"

#include <charconv>

#include "http/target.h"

namespace twinstore {
namespace {

constexpr int timeout_seconds_max = 3600;

Error refuse(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

Result<int> parse_timeout(std::string_view text) {
  int seconds = 0;
  const auto end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, seconds);
  if (status != std::errc() || stop != end || seconds < 0 || seconds > timeout_seconds_max) {
    return refuse("the timeout of a database URL is 0 to 3600 seconds");
  }
  return seconds * 1000;
}

Result<void> read_parameters(std::string_view query, DatabaseLocation& location) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    if (name != "timeout" || equals == std::string_view::npos) {
      return refuse("a database URL takes no parameter " + std::string(name) + ", only timeout");
    }
    TWINSTORE_TRY(location.busy_timeout_ms, parse_timeout(item.substr(equals + 1)));
  }
  return {};
}

}  // namespace

Result<DatabaseLocation> parse_database_url(std::string_view url) {
  constexpr std::string_view sqlite = "sqlite:///";
  if (url.starts_with("postgresql:") || url.starts_with("postgres:")) {
    return refuse("PostgreSQL is not in this build yet; use sqlite:///path/to/file.db");
  }
  if (!url.starts_with(sqlite)) {
    return refuse("a database URL looks like sqlite:///path/to/file.db or sqlite:///:memory:");
  }
  url.remove_prefix(sqlite.size());
  DatabaseLocation location;
  const size_t query = url.find('?');
  if (query != std::string_view::npos) {
    TWINSTORE_TRY_VOID(read_parameters(url.substr(query + 1), location));
  }
  TWINSTORE_TRY(std::string path, percent_decode(url.substr(0, query)));
  if (path.empty() || path.ends_with('/')) return refuse("this database URL names no file");
  if (path == ":memory:" || path.starts_with("./") || path.starts_with("../")) {
    location.path = std::move(path);
  } else {
    location.path = path.starts_with('/') ? std::move(path) : "/" + path;
  }
  return location;
}

std::string default_database_url(std::string_view temp_folder) {
  while (temp_folder.ends_with('/')) temp_folder.remove_suffix(1);
  std::string path;
  for (const char c : temp_folder) {
    if (c == '%') {
      path += "%25";
    } else if (c == '?') {
      path += "%3F";
    } else {
      path += c;
    }
  }
  return "sqlite://" + path + "/code_mri.db";
}

}  // namespace twinstore
