// Three-way merge of texts by lines (docs/sync.md, "text"). Thread rule: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace twinstore {

// Both sides' changes of `base`; nothing when they touch the same lines in different ways.
[[nodiscard]] std::optional<std::string> merge_text(std::string_view base, std::string_view local,
                                                    std::string_view remote);

}  // namespace twinstore
