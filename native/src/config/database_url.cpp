#include "config/database_url.h"

#include <charconv>
#include <functional>

#include "http/target.h"
#include "twinstore/limits.h"

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

// Calls `take` with each name=value of a query.
Result<void> for_each_parameter(
    std::string_view query,
    const std::function<Result<void>(std::string_view name, std::string_view value)>& take) {
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos) {
      return refuse("a parameter of a database URL looks like name=value");
    }
    TWINSTORE_TRY_VOID(take(item.substr(0, equals), item.substr(equals + 1)));
  }
  return {};
}

// The parameters that every database URL may have; false for another name.
Result<bool> take_common(std::string_view name, std::string_view value,
                         DatabaseLocation& location) {
  if (name == "timeout") {
    TWINSTORE_TRY(location.busy_timeout_ms, parse_timeout(value));
    return true;
  }
  if (name != "workspace") return false;
  if (!is_workspace_name(value)) {
    return refuse("a workspace has 1 to 63 characters of a-z, 0-9, _ and -");
  }
  location.workspace = value;
  return true;
}

Result<DatabaseLocation> parse_postgres_url(std::string_view url) {
  DatabaseLocation location;
  const size_t query = url.find('?');
  location.postgres_url = url.substr(0, query);
  if (query == std::string_view::npos) return location;
  std::string kept;
  TWINSTORE_TRY_VOID(for_each_parameter(
      url.substr(query + 1), [&](std::string_view name, std::string_view value) -> Result<void> {
        TWINSTORE_TRY(const bool is_own, take_common(name, value, location));
        if (!is_own) {
          kept += (kept.empty() ? '?' : '&') + std::string(name) + '=' + std::string(value);
        }
        return {};
      }));
  location.postgres_url += kept;
  return location;
}

}  // namespace

Result<DatabaseLocation> parse_database_url(std::string_view url) {
  constexpr std::string_view sqlite = "sqlite:///";
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return parse_postgres_url(url);
  }
  if (!url.starts_with(sqlite)) {
    return refuse(
        "a database URL looks like sqlite:///path/to/file.db, sqlite:///:memory: or"
        " postgresql://user:password@host/database");
  }
  url.remove_prefix(sqlite.size());
  DatabaseLocation location;
  const size_t query = url.find('?');
  if (query != std::string_view::npos) {
    TWINSTORE_TRY_VOID(for_each_parameter(
        url.substr(query + 1), [&](std::string_view name, std::string_view value) -> Result<void> {
          TWINSTORE_TRY(const bool is_known, take_common(name, value, location));
          if (is_known) return {};
          return refuse("the URL of a file takes no parameter " + std::string(name) +
                        ", only timeout and workspace");
        }));
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

bool is_workspace_name(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.size() <= limits::name_bytes_max &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

DatabaseLocation file_location(const std::string& path) {
  DatabaseLocation location;
  location.path = path;
  return location;
}

DatabaseLocation DatabaseLocation::in(std::string_view other) const {
  DatabaseLocation location = *this;
  location.workspace = other;
  return location;
}

std::string DatabaseLocation::file() const {
  if (is_memory() || workspace == main_workspace) return path;
  return workspaces_folder() + "/" + workspace + ".db";
}

std::string DatabaseLocation::text() const {
  if (!is_postgres()) return file();
  std::string out = postgres_url.substr(0, postgres_url.find('?'));
  const size_t user = out.find("//") + 2;
  const size_t at = out.find('@', user);
  const size_t password = out.find(':', user);
  if (at != std::string::npos && password < at) out.erase(password, at - password);
  return out + " workspace=" + workspace;
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
