// Which schema a server keeps.
// Thread rule: free functions; any thread.
#pragma once

#include <memory>
#include <string>

#include "twinstore/schema.h"

namespace twinstore {

// The schema that this build ships: core/schema/code_mri.json.
[[nodiscard]] Result<std::unique_ptr<Schema>> shipped_schema();

// The schema in a file (docs/schema.md), or the shipped one for an empty path.
// Errors: NotFound when the file cannot be read, InvalidSchema; the message names the file.
[[nodiscard]] Result<std::unique_ptr<Schema>> schema_from_file(const std::string& path);

}  // namespace twinstore
