#include "archive/archive_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "api/row_json.h"
#include "archive/archive_limits.h"
#include "base/sha256.h"
#include "http/compression.h"

namespace twinstore {
namespace {

constexpr int gzip_level = 6;                                 // written once, kept for years
constexpr size_t ratio_max = limits::archive_file_bytes_max;  // rows may be as alike as they like
constexpr std::string_view suffix = ".jsonl.gz";
constexpr size_t digest_characters = 64;

Error disk_error(const std::string& what) {
  const ErrorCode code = errno == ENOSPC ? ErrorCode::StorageFull : ErrorCode::StorageIo;
  return {code, what + ": " + std::generic_category().message(errno)};
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return true;
  }
  [[nodiscard]] bool flush() const { return ::fsync(fd_) == 0; }

 private:
  int fd_;
};

Result<void> write_flushed(const std::string& path, std::string_view bytes) {
  const OpenFile file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open() || !file.write(bytes) || !file.flush()) {
    return disk_error("the archive cannot be written to " + path);
  }
  return {};
}

// The digest in a name that write_archive_file() gave; empty for another name.
std::string_view digest_in(std::string_view path) {
  if (!path.ends_with(suffix)) return {};
  path.remove_suffix(suffix.size());
  if (path.size() <= digest_characters || path[path.size() - digest_characters - 1] != '.') {
    return {};
  }
  return path.substr(path.size() - digest_characters);
}

}  // namespace

void append_archive_line(std::string& text, const Collection& collection, const Record& record) {
  text += R"({"collection":")" + collection.name + R"(","row":)";
  append_record_json(text, collection, record);
  text += "}\n";
}

Result<std::vector<ArchivedRow>> read_archive_lines(std::string_view text) {
  std::vector<ArchivedRow> rows;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    TWINSTORE_TRY(JsonValue line, parse_json(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    TWINSTORE_TRY(std::string collection, json_text(line, "collection"));
    if (json_object(line, "row") == nullptr) {
      return Error{ErrorCode::WrongType, "a line of the archive holds no row"};
    }
    rows.push_back({std::move(collection), std::move(line["row"])});
  }
  return rows;
}

Result<ArchiveFile> write_archive_file(const std::string& folder, const std::string& label,
                                       std::string_view text) {
  std::error_code failure;
  const std::filesystem::path place = std::filesystem::absolute(folder, failure);
  std::filesystem::create_directories(place, failure);
  const std::string bytes = gzip(text, gzip_level);
  ArchiveFile file;
  file.digest = hex_text(sha256(bytes));
  file.bytes = static_cast<int64_t>(bytes.size());
  file.path = (place / (label + "." + file.digest + std::string(suffix))).string();
  const std::string unfinished = file.path + ".part";
  TWINSTORE_TRY_VOID(write_flushed(unfinished, bytes));
  if (::rename(unfinished.c_str(), file.path.c_str()) != 0) {
    return disk_error("the archive cannot be given its name " + file.path);
  }
  // The name is in the folder, which has to be on the disk as well.
  const OpenFile directory(place.string(), O_RDONLY | O_DIRECTORY);
  if (!directory.is_open() || !directory.flush()) return disk_error("the folder cannot be flushed");
  return file;
}

Result<ArchiveContent> read_archive_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::NotFound, "there is no archive " + path};
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure || size > limits::archive_file_bytes_max) {
    return Error{ErrorCode::BodyTooLarge, path + " is larger than an archive"};
  }
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  ArchiveContent content;
  content.digest = hex_text(sha256(bytes));
  const std::string_view named = digest_in(path);
  if (!named.empty() && named != content.digest) {
    return Error{ErrorCode::InvalidArgument, path + " is not what its name says: it is damaged"};
  }
  auto text = gunzip(bytes, limits::archive_file_bytes_max, ratio_max);
  if (!text.ok()) return Error{text.error().code, path + ": " + text.error().message};
  content.text = std::move(text).value();
  return content;
}

}  // namespace twinstore
