// The --db option: the database to use, and a warning where its place is a poor one.
#pragma once

#include <string>

#include "config/database_url.h"

namespace twinstore {

// An empty URL means {TEMP_DIR}/code_mri.db; stderr then says where that is, and that a temporary
// directory may be emptied at boot. Errors: as parse_database_url.
[[nodiscard]] Result<DatabaseLocation> database_from_option(const std::string& url);

// "twinstore: SENTENCE" on stderr. Returns the exit status 1.
int fail_with(const Error& error);
// The sentence on stdout and 0, or as fail_with.
int print_or_fail(const Result<std::string>& done);

}  // namespace twinstore
