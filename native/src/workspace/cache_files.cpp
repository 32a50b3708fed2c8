#include "workspace/cache_files.h"

#include <algorithm>

#include "base/log.h"

namespace twinstore {

namespace fs = std::filesystem;

CacheFiles::CacheFiles(const std::string& folder) {
  if (folder.empty()) return;
  std::error_code failure;
  folder_ = fs::weakly_canonical(fs::absolute(folder, failure), failure);
  if (failure) folder_.clear();
  if (!folder_.has_filename()) folder_ = folder_.parent_path();  // a slash at its end
}

bool CacheFiles::remove(const std::string& path) const {
  if (folder_.empty() || path.find('\0') != std::string::npos) return false;
  std::error_code failure;
  // The folder that the name stands in, links followed; the name itself is not, lest a link in the
  // folder name a file outside.
  const fs::path named(path);
  if (!named.is_absolute() || !named.has_filename()) return false;
  const fs::path place = fs::canonical(named.parent_path(), failure);
  if (failure) return false;
  const auto [end, rest] =
      std::mismatch(folder_.begin(), folder_.end(), place.begin(), place.end());
  if (end != folder_.end()) return false;
  const fs::path file = place / named.filename();
  const fs::file_status status = fs::symlink_status(file, failure);
  if (status.type() == fs::file_type::not_found) return true;
  if (status.type() != fs::file_type::regular) return false;
  if (fs::remove(file, failure)) return true;
  log_warn("cache file not removed detail=" + failure.message());
  return false;
}

}  // namespace twinstore
