// Opening a repository, and the name it goes by: repo_id, owner, name and provider.
// Thread rule: plain functions; a handle belongs to one thread.
#pragma once

#include <string>
#include <string_view>

#include "git_handles.h"

namespace twinstore {

struct RepositoryIdentity {
  std::string repo_id;  // "owner/name"
  std::string owner;
  std::string name;
  std::string provider;  // "github", "gitlab", "bitbucket" or "local"
};

// Opens a work tree, its .git folder, a linked work tree or a bare repository; never a parent
// folder. Errors: NotFound, InvalidArgument, Forbidden, StorageIo.
[[nodiscard]] Result<GitRepositoryHandle> open_git_repository(const std::string& path);

// From the address of the remote "origin" (as configured, without url.*.insteadOf) when it names a
// known host, else local/<folder>, where the folder is that of the main work tree, or a bare
// repository's name without ".git".
[[nodiscard]] RepositoryIdentity identify_repository(git_repository* repository);

// The identity that a remote's address names; an empty repo_id when the host is not a known one.
// Reads https, ssh and git addresses and the scp form; user, password and port are dropped.
[[nodiscard]] RepositoryIdentity identity_of_address(std::string_view address);

// `repo_id` split at its last slash, with the provider kept.
[[nodiscard]] RepositoryIdentity identity_of_repo_id(std::string_view repo_id,
                                                     std::string_view provider);

}  // namespace twinstore
