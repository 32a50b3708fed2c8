// The route of cleanup. Thread rule: pure.
#pragma once

#include "api/data_access.h"
#include "api/route.h"

namespace twinstore {

// `access` outlives the Api, whose schemas have "Deleted". Requires that its schema has the shipped
// collections.
void add_cleanup_routes(Api& api, DataAccess& access);

}  // namespace twinstore
