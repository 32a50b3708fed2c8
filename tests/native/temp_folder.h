// A folder of a test's own that goes away with it. Thread rule: belongs to one test.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace twinstore::test {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Writes a file below the folder, with the folders it needs.
  void write(const std::string& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace twinstore::test
