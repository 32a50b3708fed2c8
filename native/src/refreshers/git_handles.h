// Owning handles for libgit2 objects, and the translation of its error codes.
// Thread rule: a handle belongs to one thread; GitSession counts the library's users itself.
// Next: git_repository.h for opening a repository.
#pragma once

#include <git2.h>

#include <memory>
#include <string>
#include <string_view>

#include "twinstore/result.h"

namespace twinstore {

// Sees to it that libgit2 is initialised, from then on for good: a shutdown would take from threads
// that still run what libgit2 frees when they end. Declare it before every other handle.
// Thread rule: any thread.
class GitSession {
 public:
  GitSession() {
    static const int initialised = git_libgit2_init();
    static_cast<void>(initialised);
  }
};

template <auto release>
struct GitRelease {
  template <class T>
  void operator()(T* handle) const {
    release(handle);
  }
};

using GitRepositoryHandle = std::unique_ptr<git_repository, GitRelease<&git_repository_free>>;
using GitOdbHandle = std::unique_ptr<git_odb, GitRelease<&git_odb_free>>;
using GitCommitHandle = std::unique_ptr<git_commit, GitRelease<&git_commit_free>>;
using GitTreeHandle = std::unique_ptr<git_tree, GitRelease<&git_tree_free>>;
using GitObjectHandle = std::unique_ptr<git_object, GitRelease<&git_object_free>>;
using GitReferenceHandle = std::unique_ptr<git_reference, GitRelease<&git_reference_free>>;
using GitReferenceIteratorHandle =
    std::unique_ptr<git_reference_iterator, GitRelease<&git_reference_iterator_free>>;
using GitConfigHandle = std::unique_ptr<git_config, GitRelease<&git_config_free>>;

// The Error for libgit2's `status` (< 0); `what` says which step failed.
[[nodiscard]] Error git_failure(int status, std::string_view what);

// What an analysis answers that was asked to stop.
[[nodiscard]] Error analysis_stopped();

// Forty hexadecimal digits.
[[nodiscard]] std::string oid_text(const git_oid& oid);

struct OidHash {
  // An object id is a cryptographic hash already; its first bytes are as good as any.
  size_t operator()(const git_oid& oid) const;
};
struct OidEqual {
  bool operator()(const git_oid& a, const git_oid& b) const { return git_oid_equal(&a, &b) != 0; }
};

}  // namespace twinstore
