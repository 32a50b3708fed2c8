#include "git_tree_analysis.h"

#include <algorithm>

#include "git_limits.h"
#include "git_text.h"

namespace twinstore {

namespace {

// The keys and numbers of one directory or issue as JSON, without its name.
constexpr size_t entry_bytes = 96;

}  // namespace

Result<TreeTotals> GitTreeAnalyser::totals(const git_oid& commit) {
  TWINSTORE_TRY(const Node* root, root_of(commit));
  return root->totals;
}

Result<TreeAnalysis> GitTreeAnalyser::analyse(const git_oid& commit) {
  TWINSTORE_TRY(const Node* root, root_of(commit));
  TreeAnalysis analysis;
  analysis.totals = root->totals;

  std::vector<int64_t> sizes;
  sizes.reserve(static_cast<size_t>(root->totals.files));
  collect(*root, std::string(), sizes, analysis.large_files);
  if (!sizes.empty()) {
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    analysis.median_file_bytes = *middle;
  }
  std::ranges::sort(analysis.large_files, {}, &LargeFile::path);
  size_t bytes = 0;
  const auto past = std::ranges::find_if(analysis.large_files, [&](const LargeFile& file) {
    bytes += file.path.size() + entry_bytes;
    return bytes > limits::listing_bytes_max;
  });
  analysis.large_files.erase(past, analysis.large_files.end());

  int levels = limits::file_tree_depth;
  while (levels > 0 && listing_bytes(*root, 0, levels) > limits::listing_bytes_max) --levels;
  analysis.root = list(*root, std::string_view(), levels);
  return analysis;
}

Result<const GitTreeAnalyser::Node*> GitTreeAnalyser::root_of(const git_oid& commit_id) {
  if (!odb_) {
    git_odb* raw_odb = nullptr;
    const int status = git_repository_odb(&raw_odb, repository_);
    if (status < 0) return git_failure(status, "cannot open the object store");
    odb_.reset(raw_odb);
  }
  git_commit* raw = nullptr;
  const int status = git_commit_lookup(&raw, repository_, &commit_id);
  if (status < 0) return git_failure(status, "cannot read commit " + oid_text(commit_id));
  const GitCommitHandle commit(raw);
  return node_of(*git_commit_tree_id(raw), 0);
}

Result<const GitTreeAnalyser::Node*> GitTreeAnalyser::node_of(const git_oid& tree_id, int depth) {
  if (const auto known = nodes_.find(tree_id); known != nodes_.end()) {
    return static_cast<const Node*>(known->second.get());
  }
  if (depth > limits::git_tree_depth_max) {
    return Error{ErrorCode::StorageCorrupt, "trees are nested too deep at " + oid_text(tree_id)};
  }
  if (is_stopped_ && is_stopped_()) return analysis_stopped();
  git_tree* raw = nullptr;
  const int status = git_tree_lookup(&raw, repository_, &tree_id);
  if (status < 0) return git_failure(status, "cannot read tree " + oid_text(tree_id));
  const GitTreeHandle tree(raw);

  auto node = std::make_unique<Node>();
  for (size_t i = 0; i < git_tree_entrycount(raw); ++i) {
    const git_tree_entry* entry = git_tree_entry_byindex(raw, i);
    const std::string_view name(git_tree_entry_name(entry));
    const git_oid& id = *git_tree_entry_id(entry);
    switch (git_tree_entry_filemode(entry)) {
      case GIT_FILEMODE_TREE: {
        TWINSTORE_TRY(const Node* child, node_of(id, depth + 1));
        add_child(*node, name, *child);
        break;
      }
      case GIT_FILEMODE_COMMIT:  // a submodule: its files belong to another repository
        break;
      default: {
        TWINSTORE_TRY(const int64_t bytes, size_of(id));
        add_file(*node, name, bytes);
        break;
      }
    }
  }
  const Node* stored = node.get();
  nodes_.emplace(tree_id, std::move(node));
  return stored;
}

Result<int64_t> GitTreeAnalyser::size_of(const git_oid& blob) {
  if (const auto known = blob_sizes_.find(blob); known != blob_sizes_.end()) return known->second;
  size_t length = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  const int status = git_odb_read_header(&length, &type, odb_.get(), &blob);
  if (status < 0) return git_failure(status, "cannot read the size of blob " + oid_text(blob));
  const auto bytes = static_cast<int64_t>(length);
  blob_sizes_.emplace(blob, bytes);
  return bytes;
}

void GitTreeAnalyser::add_file(Node& node, std::string_view name, int64_t bytes) {
  TreeTotals& totals = node.totals;
  totals.files += 1;
  totals.bytes += bytes;
  totals.test_files += names_a_test(name) ? 1 : 0;
  totals.doc_files += names_a_document(name) ? 1 : 0;
  totals.largest_file_bytes = std::max(totals.largest_file_bytes, bytes);
  if (const auto language = language_of(name)) {
    totals.language_files[static_cast<size_t>(*language)] += 1;
    totals.language_bytes[static_cast<size_t>(*language)] += bytes;
  }
  node.file_sizes.push_back(bytes);
  if (bytes > limits::large_file_bytes) node.large_files.emplace_back(name, bytes);
}

void GitTreeAnalyser::add_child(Node& node, std::string_view name, const Node& child) {
  const TreeTotals& add = child.totals;
  if (add.files == 0) return;
  TreeTotals& totals = node.totals;
  totals.files += add.files;
  totals.bytes += add.bytes;
  totals.test_files += names_a_test(name) ? add.files : add.test_files;
  totals.doc_files += add.doc_files;
  totals.largest_file_bytes = std::max(totals.largest_file_bytes, add.largest_file_bytes);
  for (size_t i = 0; i < language_count; ++i) {
    totals.language_files[i] += add.language_files[i];
    totals.language_bytes[i] += add.language_bytes[i];
  }
  node.children.push_back(Child{std::string(name), &child});
}

void GitTreeAnalyser::collect(const Node& node, const std::string& prefix,
                              std::vector<int64_t>& sizes, std::vector<LargeFile>& large_files) {
  sizes.insert(sizes.end(), node.file_sizes.begin(), node.file_sizes.end());
  for (const auto& [name, bytes] : node.large_files) {
    large_files.push_back(LargeFile{valid_utf8(prefix + name), bytes});
  }
  for (const Child& child : node.children) {
    collect(*child.node, prefix + child.name + "/", sizes, large_files);
  }
}

size_t GitTreeAnalyser::listing_bytes(const Node& node, size_t name_bytes, int levels) {
  size_t bytes = name_bytes + entry_bytes;
  if (levels == 0) return bytes;
  for (const Child& child : node.children) {
    bytes += listing_bytes(*child.node, child.name.size(), levels - 1);
  }
  return bytes;
}

DirectoryListing GitTreeAnalyser::list(const Node& node, std::string_view name, int levels) {
  DirectoryListing listing{valid_utf8(name), node.totals.files, node.totals.bytes, {}};
  if (levels == 0) return listing;
  for (const Child& child : node.children) {
    listing.children.push_back(list(*child.node, child.name, levels - 1));
  }
  // Git orders a folder as if its name ended in a slash; the rows order by the name alone.
  std::ranges::sort(listing.children, {}, &DirectoryListing::name);
  return listing;
}

}  // namespace twinstore
