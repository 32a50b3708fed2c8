// A small file that is read again when it has changed. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "twinstore/result.h"

namespace twinstore {

class WatchedFile {
 public:
  explicit WatchedFile(std::string path) : path_(std::move(path)) {}

  // The content, when the file is another one than at the last call. Errors: NotFound when it
  // cannot be read, InvalidArgument when it is larger than limits::auth_file_bytes_max; once for
  // each change.
  [[nodiscard]] Result<std::optional<std::string>> read_if_changed();
  [[nodiscard]] const std::string& path() const { return path_; }
  // As of the last read: somebody else than the owner may read it.
  [[nodiscard]] bool is_open_to_others() const { return is_open_to_others_; }

 private:
  struct Mark {
    uint64_t inode = 0;  // none: 0
    int64_t bytes = 0;
    int64_t changed_s = 0;
    int64_t changed_ns = 0;
    bool operator==(const Mark&) const = default;
  };
  std::string path_;
  std::optional<Mark> seen_;
  bool is_open_to_others_ = false;
};

}  // namespace twinstore
