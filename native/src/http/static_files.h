// Files of the web app from one folder: types, validators, precompressed siblings, and index.html
// for navigation to paths that are the app's own. Thread rule: const after construction; any
// thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "twinstore/result.h"

namespace twinstore {

// The Content-Type of a file name, by its extension.
[[nodiscard]] std::string_view content_type_of(std::string_view name);

// The relative form of a decoded URL path; nothing when it could leave the folder or names
// something hidden: "..", "//", a backslash, a segment that begins with a dot.
[[nodiscard]] std::optional<std::filesystem::path> safe_relative_path(std::string_view url_path);

class StaticFiles {
 public:
  // Errors: NotFound when `folder` is no folder or holds no index.html.
  [[nodiscard]] static Result<StaticFiles> open(const std::string& folder);

  // GET and HEAD; 304 for a validator that still holds; 404 for what is not there. A file whose
  // real path lies outside the folder, through a link, counts as not there.
  [[nodiscard]] HttpResponse answer(const HttpRequest& request) const;

 private:
  explicit StaticFiles(std::filesystem::path root) : root_(std::move(root)) {}
  [[nodiscard]] std::optional<std::filesystem::path> find(std::string_view url_path) const;
  [[nodiscard]] HttpResponse send(const HttpRequest& request, const std::filesystem::path& file,
                                  bool is_immutable) const;
  std::filesystem::path root_;
};

}  // namespace twinstore
