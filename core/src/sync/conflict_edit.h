// Resolving a conflict as ordinary edits: what was chosen, on the row, and the decision, on the
// conflict. Thread rule: pure.
#pragma once

#include <vector>

#include "twinstore/edit.h"

namespace twinstore {

// `decision` is of kind Resolve; `conflict` is its row as it is here. The edit of the row comes
// first; it changes nothing when the row is as chosen. `now_ms` and `client` are noted as when and
// by whom. Errors: NotFound without the conflict; PreconditionFailed when it is resolved already;
// SchemaMismatch when its collection is not known here; those of the chosen values.
[[nodiscard]] Result<std::vector<Edit>> resolution_edits(const Schema& schema, const Edit& decision,
                                                         const RowVersion* conflict, int64_t now_ms,
                                                         const ClientId& client);

}  // namespace twinstore
