// The routes of freshness, of refresh tasks and of the auto-refresh service, each over the caller's
// workspace. Thread rule: pure. Next: refresh/workspace_refresh.h; data_access.h for how they come
// to the data.
#pragma once

#include "api/data_access.h"
#include "api/route.h"
#include "refresh/workspace_refresh.h"

namespace twinstore {

// `access` outlives the Api. Requires that its schema has the shipped collections, and that
// workspaces are refreshed.
void add_refresh_routes(Api& api, DataAccess& access);
// Its parts.
void add_freshness_routes(Api& api, DataAccess& access);
void add_refresh_task_routes(Api& api, DataAccess& access);
void add_auto_refresh_routes(Api& api, DataAccess& access);

}  // namespace twinstore
