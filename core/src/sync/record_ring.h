// A bounded list of records: who adds one too many takes out the one with the smallest key.
// Thread rule: as the Storage passed in.
#pragma once

#include <optional>
#include <string>

#include "twinstore/storage.h"

namespace twinstore {

// Puts `value` under (space, key) and returns the value that had to go, or nothing. The space
// belongs to the ring. Requires a transaction and a key that is not there. Errors: as Storage.
[[nodiscard]] Result<std::optional<std::string>> add_to_ring(Storage& storage,
                                                             const std::string& space,
                                                             std::string_view key,
                                                             std::string_view value, size_t max);

// Requires a transaction and a key that is there. Errors: as Storage.
[[nodiscard]] Result<void> erase_from_ring(Storage& storage, const std::string& space,
                                           std::string_view key);

}  // namespace twinstore
