#include "config/refresh_config.h"

#include <fstream>
#include <iterator>
#include <set>

#include "auth/principal.h"
#include "config/http_url.h"
#include "config/json_members.h"
#include "refresh/refresh_limits.h"

namespace twinstore {
namespace {

constexpr int64_t ms_per_second = 1'000;

// Headers that the client sets by itself; a second one would be another request's smuggler.
const std::set<std::string, std::less<>> own_headers{
    "host", "content-length", "transfer-encoding", "connection", "content-type", "upgrade"};

bool is_header_name(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
}

Result<void> read_headers(JsonMembers& members, std::map<std::string, std::string>& into) {
  const JsonValue* headers = members.member("headers");
  if (headers == nullptr) return {};
  if (!headers->is_object()) {
    return members.wrong(ErrorCode::WrongType, "headers", "is not an object");
  }
  for (const auto& [name, value] : headers->items()) {
    std::string lower;
    for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (!is_header_name(name) || own_headers.contains(lower) || !value.is_string() ||
        !is_header_value(value.get<std::string>())) {
      return members.wrong(ErrorCode::InvalidArgument, "headers",
                           "names a header, or a value, that cannot be sent");
    }
    into[name] = value.get<std::string>();
  }
  return {};
}

Result<GitSourceConfig> read_git(JsonMembers members) {
  GitSourceConfig git;
  TWINSTORE_TRY_VOID(members.text("path", git.path));
  if (git.path.empty()) return members.missing("path");
  TWINSTORE_TRY_VOID(members.finish());
  return git;
}

Result<WebhookSourceConfig> read_webhook(JsonMembers members) {
  WebhookSourceConfig hook;
  TWINSTORE_TRY_VOID(members.text("url", hook.url));
  if (hook.url.empty()) return members.missing("url");
  TWINSTORE_TRY_VOID(read_headers(members, hook.headers));
  TWINSTORE_TRY_VOID(members.flag("allow_private_addresses", hook.allow_private_addresses));
  TWINSTORE_TRY_VOID(members.text("ca_file", hook.ca_file));
  TWINSTORE_TRY_VOID(members.finish());
  const auto url = parse_http_url(hook.url);
  if (!url.ok()) return Error{url.error().code, members.place_of("url: ") + url.error().message};
  return hook;
}

Result<CommandSourceConfig> read_command(JsonMembers members) {
  CommandSourceConfig command;
  TWINSTORE_TRY_VOID(members.texts("argv", command.argv));
  if (command.argv.empty()) return members.missing("argv");
  if (!command.argv.front().starts_with('/')) {
    return members.wrong(ErrorCode::InvalidArgument, "argv", "begins with an absolute path");
  }
  TWINSTORE_TRY_VOID(members.text("folder", command.folder));
  TWINSTORE_TRY_VOID(members.finish());
  return command;
}

Result<void> read_repositories(JsonMembers& members, RefreshSourceConfig& source) {
  TWINSTORE_TRY_VOID(members.texts("repositories", source.repositories));
  if (source.repositories.empty()) return members.missing("repositories");
  if (!std::ranges::all_of(source.repositories, is_scope_pattern)) {
    return members.wrong(ErrorCode::InvalidArgument, "repositories",
                         "holds names, names that end in *, or *");
  }
  const bool is_one =
      source.repositories.size() == 1 && !source.repositories.front().ends_with('*');
  if (std::holds_alternative<GitSourceConfig>(source.by) && !is_one) {
    return members.wrong(ErrorCode::InvalidArgument, "repositories",
                         "names the one repository that is at the path");
  }
  return {};
}

Result<RefreshSourceConfig> read_source(const JsonValue& value, const std::string& place) {
  TWINSTORE_TRY(JsonMembers members, JsonMembers::of(value, place));
  RefreshSourceConfig source;
  int count = 0;
  if (const JsonValue* git = members.member("git"); git != nullptr && ++count > 0) {
    TWINSTORE_TRY(JsonMembers inner, JsonMembers::of(*git, place + "git."));
    TWINSTORE_TRY(source.by, read_git(std::move(inner)));
  }
  if (const JsonValue* hook = members.member("webhook"); hook != nullptr && ++count > 0) {
    TWINSTORE_TRY(JsonMembers inner, JsonMembers::of(*hook, place + "webhook."));
    TWINSTORE_TRY(source.by, read_webhook(std::move(inner)));
  }
  if (const JsonValue* command = members.member("command"); command != nullptr && ++count > 0) {
    TWINSTORE_TRY(JsonMembers inner, JsonMembers::of(*command, place + "command."));
    TWINSTORE_TRY(source.by, read_command(std::move(inner)));
  }
  if (count != 1) {
    return Error{ErrorCode::InvalidArgument,
                 place.substr(0, place.size() - 1) + " has one of git, webhook and command"};
  }
  TWINSTORE_TRY_VOID(read_repositories(members, source));
  int64_t seconds = source.time_limit.count();
  TWINSTORE_TRY_VOID(
      members.integer("time_limit_seconds", seconds, 1, limits::refresh_seconds_max));
  source.time_limit = std::chrono::seconds(seconds);
  TWINSTORE_TRY_VOID(members.text("workspace", source.workspace));
  if (!is_workspace_name(source.workspace)) {
    return members.wrong(ErrorCode::InvalidArgument, "workspace", "is not a workspace's name");
  }
  TWINSTORE_TRY_VOID(members.finish());
  return source;
}

Result<void> read_seconds(JsonMembers& members, std::string_view name, int64_t& into_ms) {
  int64_t seconds = into_ms / ms_per_second;
  TWINSTORE_TRY_VOID(members.integer(name, seconds, 1, limits::refresh_seconds_max));
  into_ms = seconds * ms_per_second;
  return {};
}

Result<void> read_policy(JsonMembers& members, RefreshPolicy& policy) {
  const JsonValue* retry = members.member("retry");
  if (retry != nullptr) {
    TWINSTORE_TRY(JsonMembers inner, JsonMembers::of(*retry, "retry."));
    TWINSTORE_TRY_VOID(
        inner.integer("attempts_max", policy.attempts_max, 1, limits::refresh_attempts_max));
    TWINSTORE_TRY_VOID(read_seconds(inner, "first_wait_seconds", policy.first_wait_ms));
    TWINSTORE_TRY_VOID(read_seconds(inner, "wait_max_seconds", policy.wait_max_ms));
    TWINSTORE_TRY_VOID(inner.finish());
  }
  return read_seconds(members, "lease_seconds", policy.lease_ms);
}

Result<void> read_sources(JsonMembers& members, std::vector<RefreshSourceConfig>& into) {
  const JsonValue* sources = members.member("sources");
  if (sources == nullptr) return {};
  if (!sources->is_array())
    return members.wrong(ErrorCode::WrongType, "sources", "is not an array");
  if (sources->size() > limits::refresh_sources_max) {
    return members.wrong(ErrorCode::BatchTooLarge, "sources", "holds more than 1,000");
  }
  for (size_t i = 0; i < sources->size(); ++i) {
    TWINSTORE_TRY(RefreshSourceConfig source,
                  read_source((*sources)[i], "sources[" + std::to_string(i) + "]."));
    into.push_back(std::move(source));
  }
  return {};
}

}  // namespace

Result<RefreshConfig> parse_refresh_config(std::string_view text) {
  TWINSTORE_TRY(const JsonValue document, parse_json(text));
  TWINSTORE_TRY(JsonMembers members, JsonMembers::of(document, ""));
  RefreshConfig config;
  TWINSTORE_TRY_VOID(members.integer("check_interval_minutes", config.check_interval_minutes, 1,
                                     limits::check_interval_minutes_max));
  TWINSTORE_TRY_VOID(members.flag("auto_refresh_enabled", config.auto_refresh_enabled));
  TWINSTORE_TRY_VOID(members.number("stale_threshold_hours", config.stale_threshold_hours, 0,
                                    limits::stale_threshold_hours_max));
  TWINSTORE_TRY_VOID(read_policy(members, config.policy));
  TWINSTORE_TRY_VOID(read_sources(members, config.sources));
  TWINSTORE_TRY_VOID(members.finish());
  return config;
}

Result<RefreshConfig> read_refresh_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return Error{ErrorCode::NotFound, "the configuration " + path + " cannot be read"};
  if (text.size() > limits::refresh_config_bytes_max) {
    return Error{ErrorCode::BodyTooLarge, path + " has more than 1 MiB"};
  }
  auto config = parse_refresh_config(text);
  if (config.ok()) return config;
  return Error{config.error().code, path + ": " + config.error().message};
}

}  // namespace twinstore
