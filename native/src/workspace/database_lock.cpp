#include "workspace/database_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/files.h"

namespace twinstore {
namespace {

constexpr mode_t owner_only = 0600;

// The number that the holder wrote, for people; empty when there is none to read.
std::string holder_text(int file) {
  std::array<char, 16> text{};
  const ssize_t length = ::pread(file, text.data(), text.size() - 1, 0);
  std::string digits;
  for (ssize_t i = 0; i < length; ++i) {
    const char c = text[static_cast<size_t>(i)];
    if (c < '0' || c > '9') break;
    digits += c;
  }
  return digits.empty() ? "" : " (process " + digits + ")";
}

}  // namespace

Result<DatabaseLock> DatabaseLock::take(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only);
  if (file < 0) return io_error(path);
  DatabaseLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return io_error(path);
    return Error{ErrorCode::StorageBusy, "another twinstore" + holder_text(file) + " is using " +
                                             database_path +
                                             "; stop it first, or choose another --db"};
  }
  const std::string number = std::to_string(::getpid()) + "\n";
  const bool is_written =
      ::ftruncate(file, 0) == 0 &&
      ::pwrite(file, number.data(), number.size(), 0) == static_cast<ssize_t>(number.size());
  if (!is_written) return io_error(path);
  return lock;
}

DatabaseLock::DatabaseLock(DatabaseLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

DatabaseLock& DatabaseLock::operator=(DatabaseLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

DatabaseLock::~DatabaseLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace twinstore
