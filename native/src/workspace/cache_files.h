// The files of cache entries, such as archives: where they are, and taking them away when their
// entries go. Any client may register an entry with any path, so only files below one folder of the
// operator's are ever touched. Thread rule: const; any thread.
#pragma once

#include <filesystem>
#include <string>

namespace twinstore {

class CacheFiles {
 public:
  // Empty: no file is ever touched.
  explicit CacheFiles(const std::string& folder = {});

  // Removes the file, unless it is outside of the folder (links followed) or no regular file.
  // True: there is no such file in the folder any more.
  bool remove(const std::string& path) const;

 private:
  std::filesystem::path folder_;  // canonical; empty: none
};

}  // namespace twinstore
