#include "auth/watched_file.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "config/server_limits.h"

namespace twinstore {

Result<std::optional<std::string>> WatchedFile::read_if_changed() {
  struct stat found {};
  Mark mark;
  const bool is_there = ::stat(path_.c_str(), &found) == 0 && S_ISREG(found.st_mode);
  if (is_there) {
    mark = {found.st_ino, found.st_size, found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
  }
  if (seen_ == mark) return std::optional<std::string>();
  seen_ = mark;
  if (!is_there) return Error{ErrorCode::NotFound, path_ + " cannot be read"};
  is_open_to_others_ = (found.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  if (mark.bytes > static_cast<int64_t>(limits::auth_file_bytes_max)) {
    return Error{ErrorCode::InvalidArgument, path_ + " has more than 4 MiB"};
  }
  std::ifstream in(path_, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return Error{ErrorCode::NotFound, path_ + " cannot be read"};
  return std::optional(std::move(text));
}

}  // namespace twinstore
