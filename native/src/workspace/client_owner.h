// Whose a client's name is: the user who first pushed under it. So an outbox is never pushed under
// another user's token. Thread rule: the writer's.
#pragma once

#include <string>

#include "twinstore/change.h"
#include "twinstore/storage.h"

namespace twinstore {

// In the caller's transaction. Without a user, where no tokens are asked for, anybody may and
// nothing is noted. Errors: Forbidden when it is another user's; as Storage.
[[nodiscard]] Result<void> claim_client(Storage& storage, const ClientId& client,
                                        const std::string& user);

}  // namespace twinstore
