#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

namespace twinstore {
namespace {

constexpr mode_t owner_only = 0600;
constexpr mode_t owner_folder = 0700;

// A descriptor that closes itself, and with it lets go of its lock.
class File {
 public:
  File(const std::string& path, int flags)
      : file_(::open(path.c_str(), flags | O_CLOEXEC, owner_only)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (file_ >= 0) ::close(file_);
  }
  [[nodiscard]] bool is_open() const { return file_ >= 0; }
  [[nodiscard]] int number() const { return file_; }

 private:
  int file_;
};

// A name is in its folder, and the folder has to be synced for it to stay there.
Result<void> sync_folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File opened(folder, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open() || ::fsync(opened.number()) != 0) return io_error(folder);
  return {};
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Result<void> write_new(const std::string& path, const std::string& text) {
  const File file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  const bool is_written =
      file.is_open() && ::fchmod(file.number(), owner_only) == 0 &&
      ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file.number()) == 0;
  return is_written ? Result<void>() : io_error(path);
}

}  // namespace

Error io_error(const std::string& path) {
  return {ErrorCode::StorageIo, path + ": " + std::strerror(errno)};
}

Result<void> make_private_file(const std::string& path) {
  const File file(path, O_RDWR | O_CREAT);
  return file.is_open() ? Result<void>() : io_error(path);
}

Result<void> make_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), owner_folder) == 0) return sync_folder_of(path);
  return errno == EEXIST ? Result<void>() : io_error(path);
}

Result<void> update_private_file(
    const std::string& path, const std::function<Result<std::string>(const std::string&)>& change) {
  const std::string lock_path = path + ".lock";
  const File lock(lock_path, O_RDWR | O_CREAT | O_NOFOLLOW);
  if (!lock.is_open() || ::flock(lock.number(), LOCK_EX) != 0) return io_error(lock_path);
  TWINSTORE_TRY(const std::string text, change(read_text(path)));
  const std::string fresh = path + ".new";
  TWINSTORE_TRY_VOID(write_new(fresh, text));
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return io_error(path);
  return sync_folder_of(path);
}

}  // namespace twinstore
