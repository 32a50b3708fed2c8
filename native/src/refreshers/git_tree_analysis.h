// What one tree of files yields: counts, sizes, languages, directories, large files. Subtrees are
// kept by object id, so that the commits of one repository, which share nearly all of them, are
// analysed at the price of their differences. Sizes come from object headers; no content is read.
// Thread rule: belongs to one thread. Next: git_scores.h for the rows made from it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "git_handles.h"
#include "languages.h"

namespace twinstore {

// Sums over a tree. A symbolic link is a file with the size of its target's name; a submodule entry
// counts nothing; executable and plain files are alike.
struct TreeTotals {
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t test_files = 0;
  int64_t doc_files = 0;
  int64_t largest_file_bytes = 0;
  std::array<int64_t, language_count> language_files{};
  std::array<int64_t, language_count> language_bytes{};
};

struct LargeFile {
  std::string path;  // from the root, valid UTF-8
  int64_t bytes = 0;
};

// A directory, with its directories down to limits::file_tree_depth, sorted by the bytes of their
// names. A directory that holds no file is not listed. A tree whose listing would pass
// limits::listing_bytes_max is listed to a smaller depth.
struct DirectoryListing {
  std::string name;
  int64_t files = 0;
  int64_t bytes = 0;
  std::vector<DirectoryListing> children;
};

struct TreeAnalysis {
  TreeTotals totals;
  int64_t median_file_bytes = 0;       // the upper one of two; 0 without files
  std::vector<LargeFile> large_files;  // by path; the first limits::listing_bytes_max of them
  DirectoryListing root;
};

class GitTreeAnalyser {
 public:
  // Borrows both, which outlive the analyser. Once `is_stopped` is true, the calls below end with
  // Unavailable; it may be empty.
  // Errors of the calls below: StorageCorrupt (missing or damaged object, as in a partial clone; or
  // nesting beyond limits::git_tree_depth_max), StorageIo.
  GitTreeAnalyser(git_repository* repository, const std::function<bool()>& is_stopped)
      : repository_(repository), is_stopped_(is_stopped) {}

  // The sums alone, for sampled history.
  [[nodiscard]] Result<TreeTotals> totals(const git_oid& commit);
  // Everything, for the head of a branch.
  [[nodiscard]] Result<TreeAnalysis> analyse(const git_oid& commit);

 private:
  struct Node;
  struct Child {
    std::string name;
    const Node* node;
  };
  struct Node {
    TreeTotals totals;
    std::vector<int64_t> file_sizes;                           // of the files right here
    std::vector<std::pair<std::string, int64_t>> large_files;  // right here
    std::vector<Child> children;                               // those that hold files
  };

  [[nodiscard]] Result<const Node*> root_of(const git_oid& commit);
  [[nodiscard]] Result<const Node*> node_of(const git_oid& tree, int depth);
  [[nodiscard]] Result<int64_t> size_of(const git_oid& blob);
  static void add_file(Node& node, std::string_view name, int64_t bytes);
  static void add_child(Node& node, std::string_view name, const Node& child);
  static void collect(const Node& node, const std::string& prefix, std::vector<int64_t>& sizes,
                      std::vector<LargeFile>& large_files);
  static DirectoryListing list(const Node& node, std::string_view name, int levels);
  static size_t listing_bytes(const Node& node, size_t name_bytes, int levels);

  git_repository* repository_;
  const std::function<bool()>& is_stopped_;
  GitOdbHandle odb_;
  std::unordered_map<git_oid, std::unique_ptr<Node>, OidHash, OidEqual> nodes_;
  std::unordered_map<git_oid, int64_t, OidHash, OidEqual> blob_sizes_;
};

}  // namespace twinstore
