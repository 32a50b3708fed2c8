// The edits that ask for a refresh, from JSON. See twinstore/edit.h for their form.
// Thread rule: pure functions.
#pragma once

#include "base/json.h"
#include "twinstore/edit.h"

namespace twinstore {

// mark_for_refresh, schedule_refresh, cancel_refresh.
[[nodiscard]] bool is_refresh_op(std::string_view op);

// Requires such an op. Errors: as parse_edits; UnknownCollection for a mark in a schema whose
// branches cannot be marked.
[[nodiscard]] Result<Edit> read_refresh_edit(const Schema& schema, std::string_view op,
                                             const JsonValue& json);

}  // namespace twinstore
