#include "git_repository.h"

#include <array>
#include <filesystem>
#include <system_error>

#include "git_text.h"

namespace twinstore {

namespace {

struct Host {
  std::string_view name;
  std::string_view provider;
};
constexpr std::array hosts = {
    Host{"github.com", "github"},
    Host{"gitlab.com", "gitlab"},
    Host{"bitbucket.org", "bitbucket"},
};

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
  return text;
}

// "host" and "owner/name" out of an address; empty when it is a path on disk.
struct Address {
  std::string_view host;
  std::string_view path;
};

Address split_address(std::string_view text) {
  Address address;
  if (const size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    text.remove_prefix(scheme + 3);
    const size_t slash = text.find('/');
    if (slash == std::string_view::npos) return address;
    address = {text.substr(0, slash), text.substr(slash + 1)};
    if (const size_t user = address.host.rfind('@'); user != std::string_view::npos) {
      address.host.remove_prefix(user + 1);
    }
    address.host = address.host.substr(0, address.host.find(':'));
    return address;
  }
  // The scp form "user@host:path"; a slash before the colon makes it a path (git-fetch, GIT URLS).
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find('/') < colon) return address;
  address = {text.substr(0, colon), text.substr(colon + 1)};
  if (const size_t user = address.host.rfind('@'); user != std::string_view::npos) {
    address.host.remove_prefix(user + 1);
  }
  return address;
}

// The folder that people know the repository by; linked work trees share that of the main one.
std::string folder_name(git_repository* repository) {
  std::string_view common(git_repository_commondir(repository));
  while (common.size() > 1 && common.ends_with('/')) common.remove_suffix(1);
  const size_t slash = common.rfind('/');
  std::string_view name = common.substr(slash == std::string_view::npos ? 0 : slash + 1);
  if (name == ".git" && slash != std::string_view::npos) {
    common = common.substr(0, slash);
    name = common.substr(common.rfind('/') + 1);
  } else {
    name = without_suffix(name, ".git");
  }
  return name.empty() ? "repository" : valid_utf8(name);
}

}  // namespace

Result<GitRepositoryHandle> open_git_repository(const std::string& path) {
  std::error_code failure;
  if (path.empty() || !std::filesystem::exists(path, failure)) {
    return Error{ErrorCode::NotFound, "there is nothing at " + path};
  }
  git_repository* raw = nullptr;
  const int status =
      git_repository_open_ext(&raw, path.c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH, nullptr);
  if (status < 0) {
    Error error = git_failure(status, "cannot open " + path + " as a git repository");
    // Whatever libgit2 finds wrong with the folder itself, the caller named the wrong one.
    if (error.code != ErrorCode::Forbidden && error.code != ErrorCode::StorageIo) {
      error.code = ErrorCode::InvalidArgument;
    }
    return error;
  }
  return GitRepositoryHandle(raw);
}

RepositoryIdentity identity_of_repo_id(std::string_view repo_id, std::string_view provider) {
  const size_t slash = repo_id.rfind('/');
  const bool split = slash != std::string_view::npos;
  return RepositoryIdentity{
      std::string(repo_id), split ? std::string(repo_id.substr(0, slash)) : std::string(),
      std::string(split ? repo_id.substr(slash + 1) : repo_id), std::string(provider)};
}

RepositoryIdentity identity_of_address(std::string_view text) {
  const Address address = split_address(text);
  for (const Host& host : hosts) {
    if (address.host != host.name) continue;
    std::string_view path = address.path;
    while (path.starts_with('/')) path.remove_prefix(1);
    while (path.ends_with('/')) path.remove_suffix(1);
    path = without_suffix(path, ".git");
    const size_t slash = path.rfind('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) break;
    return identity_of_repo_id(valid_utf8(path), host.provider);
  }
  return {};
}

RepositoryIdentity identify_repository(git_repository* repository) {
  // The setting itself: git_remote_lookup matches every setting against url.*.insteadOf and leaks
  // memory at each one that does not match where libgit2 is built on PCRE2.
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository) == 0) {
    const GitConfigHandle config(raw);
    const char* address = nullptr;
    if (git_config_get_string(&address, raw, "remote.origin.url") == 0) {
      RepositoryIdentity identity = identity_of_address(address);
      if (!identity.repo_id.empty()) return identity;
    }
  }
  return identity_of_repo_id("local/" + folder_name(repository), "local");
}

}  // namespace twinstore
