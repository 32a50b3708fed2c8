// What a scope holds, as one number that authority and replica keep each on its own and compare at
// every checkpoint: the sum of its live rows' hashes, which does not depend on the order of
// changes. The hash is FNV-1a (Fowler, Noll and Vo): it finds mistakes, not attacks. Thread rule:
// pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "twinstore/schema.h"

namespace twinstore {

using Digest = uint64_t;

// 0 for a deleted row, which counts as absent.
[[nodiscard]] Digest row_digest(const Collection& collection, const RowVersion& row);
// What a row adds to its scope's digest when `now` replaces `before`; null is absent.
[[nodiscard]] Digest digest_change(const Collection& collection, const RowVersion* before,
                                   const RowVersion* now);

// 16 hexadecimal digits.
[[nodiscard]] std::string digest_text(Digest digest);
// Errors: InvalidArgument for another text.
[[nodiscard]] Result<Digest> parse_digest(std::string_view text);

}  // namespace twinstore
