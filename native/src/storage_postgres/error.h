// What a failure at PostgreSQL means to Twinstore. Thread rule: pure functions.
#pragma once

#include <string_view>

#include "twinstore/result.h"

namespace twinstore::postgres {

// By the five characters of an SQLSTATE (postgresql.org/docs/15/errcodes-appendix.html); empty when
// there is none, which means that the connection is gone. Unavailable: the server is gone, going or
// may not be written; StorageBusy: another transaction was in the way, or it took too long;
// StorageFull, StorageIo, StorageCorrupt: its disk; Sql for anything else.
[[nodiscard]] Error postgres_error(std::string_view sqlstate, std::string_view message);

}  // namespace twinstore::postgres
