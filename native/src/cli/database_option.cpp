#include "cli/database_option.h"

#include <cstdio>
#include <filesystem>

namespace twinstore {
namespace {

constexpr int wrong_configuration = 78;  // EX_CONFIG of sysexits.h

}  // namespace

Result<DatabaseLocation> database_from_option(const std::string& url) {
  if (!url.empty()) return parse_database_url(url);
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  const std::string chosen = default_database_url(error ? "/tmp" : folder.string());
  TWINSTORE_TRY(DatabaseLocation location, parse_database_url(chosen));
  std::fprintf(stderr,
               "twinstore: no --db given; using %s, in a temporary directory that may be emptied"
               " at boot\n",
               location.path.c_str());
  return location;
}

int fail_with(const Error& error) {
  std::fprintf(stderr, "twinstore: %s\n", error.message.c_str());
  return error.code == ErrorCode::InvalidArgument ? wrong_configuration : 1;
}

int print_or_fail(const Result<std::string>& done) {
  if (!done.ok()) return fail_with(done.error());
  std::printf("%s\n", done.value().c_str());
  return 0;
}

}  // namespace twinstore
