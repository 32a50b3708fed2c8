// The routes of conflicts and of what synchronisation did. Thread rule: pure.
#pragma once

#include "api/data_access.h"
#include "api/route.h"

namespace twinstore {

// `access` outlives the Api.
void add_conflict_routes(Api& api, DataAccess& access);

}  // namespace twinstore
