// One edit from JSON, for those who build edits from records. See twinstore/edit.h for the form.
// Thread rule: pure.
#pragma once

#include "base/json.h"
#include "twinstore/edit.h"

namespace twinstore {

[[nodiscard]] Result<Edit> read_edit(const Schema& schema, const JsonValue& json);

}  // namespace twinstore
