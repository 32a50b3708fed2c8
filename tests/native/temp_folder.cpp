#include "temp_folder.h"

#include <stdlib.h>

#include <fstream>

#include "twinstore/result.h"

namespace twinstore::test {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "twinstore-test-XXXXXX").string();
  TWINSTORE_CHECK(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TempFolder::write(const std::string& name, std::string_view text) const {
  std::filesystem::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << text;
}

}  // namespace twinstore::test
