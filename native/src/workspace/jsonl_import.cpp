#include "workspace/jsonl_import.h"

#include <array>
#include <filesystem>
#include <fstream>

#include "config/server_limits.h"

namespace twinstore {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> collections{"repositories", "branches", "analyses",
                                                      "historical_metrics"};
constexpr int64_t rows_between_progress = 100;

struct InputFile {
  std::string_view collection;
  fs::path path;
  int64_t bytes = 0;
};

Error at_line(const InputFile& file, int64_t line, Error error) {
  error.message = file.path.string() + ":" + std::to_string(line) + ": " + error.message;
  return error;
}

Result<std::vector<InputFile>> find_files(const fs::path& folder, const JsonlProgress& progress) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return Error{ErrorCode::NotFound, "there is no folder " + folder.string()};
  }
  std::vector<InputFile> files;
  for (const std::string_view collection : collections) {
    InputFile file{collection, folder / (std::string(collection) + ".jsonl"), 0};
    const auto bytes = fs::file_size(file.path, error);
    if (error) {
      progress.skipped(file.path.filename().string());
      continue;
    }
    file.bytes = static_cast<int64_t>(bytes);
    files.push_back(std::move(file));
  }
  if (files.empty()) {
    return Error{ErrorCode::NotFound, folder.string() + " holds none of the files to import"};
  }
  return files;
}

Result<void> import_file(const InputFile& file, Importer& importer,
                         const std::function<void(int64_t)>& advanced) {
  std::ifstream in(file.path, std::ios::binary);
  std::string line;
  int64_t number = 0;
  int64_t bytes = 0;
  while (std::getline(in, line)) {
    ++number;
    bytes += static_cast<int64_t>(line.size()) + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    if (line.size() > limits::import_line_bytes_max) {
      importer.abandon();
      return at_line(file, number, {ErrorCode::ValueTooLong, "a line has at most 4 MiB"});
    }
    const auto added = importer.add(file.collection, line);
    if (!added.ok()) return at_line(file, number, added.error());
    if (number % rows_between_progress == 0) advanced(bytes);
  }
  if (in.bad() || !in.eof()) {
    importer.abandon();
    return Error{ErrorCode::StorageIo, file.path.string() + " cannot be read"};
  }
  return importer.commit();
}

}  // namespace

Result<void> import_jsonl(const std::string& folder, Importer& importer,
                          const JsonlProgress& progress) {
  TWINSTORE_TRY(const std::vector<InputFile> files, find_files(folder, progress));
  int64_t total = 0;
  for (const InputFile& file : files) total += file.bytes;
  int64_t before = 0;
  for (const InputFile& file : files) {
    const std::string name = file.path.filename().string();
    TWINSTORE_TRY_VOID(import_file(
        file, importer, [&](int64_t bytes) { progress.advanced(name, before + bytes, total); }));
    before += file.bytes;
    progress.advanced(name, before, total);
  }
  return {};
}

}  // namespace twinstore
