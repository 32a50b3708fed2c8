// What the server's configuration says about refreshing: how often, and who refreshes what. It is a
// JSON file of the operator's, read once at the start (docs/freshness.md describes it); no request
// can change it. Thread rule: plain values and pure functions.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/database_url.h"
#include "twinstore/refresh_task_writer.h"
#include "twinstore/staleness_reader.h"

namespace twinstore {

struct GitSourceConfig {
  std::string path;
};
struct WebhookSourceConfig {
  std::string url;  // http or https
  std::map<std::string, std::string> headers;
  bool allow_private_addresses = false;  // loopback, private and link-local ones
  std::string ca_file;                   // empty: the system's certificates
};
struct CommandSourceConfig {
  std::vector<std::string> argv;
  std::string folder;
};

struct RefreshSourceConfig {
  // "owner/name", "owner/*" for all that begin so, or "*".
  std::vector<std::string> repositories;
  std::variant<GitSourceConfig, WebhookSourceConfig, CommandSourceConfig> by;
  std::string workspace{main_workspace};
  std::chrono::seconds time_limit{300};
};

struct RefreshConfig {
  int64_t check_interval_minutes = 30;
  bool auto_refresh_enabled = false;  // until somebody says otherwise; that is remembered
  double stale_threshold_hours = stale_threshold_hours_default;
  RefreshPolicy policy;
  std::vector<RefreshSourceConfig> sources;  // the first that names a repository serves it
};

// Errors: those of parse_json; UnknownField, MissingField, WrongType, NumberOutOfRange and
// InvalidArgument with the place of the member in the file.
[[nodiscard]] Result<RefreshConfig> parse_refresh_config(std::string_view text);
// Errors: NotFound for a file that cannot be read; BodyTooLarge; as above, with the file's name.
[[nodiscard]] Result<RefreshConfig> read_refresh_config(const std::string& path);

}  // namespace twinstore
