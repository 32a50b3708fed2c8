// The route of cleanup. Thread rule: pure.
#pragma once

#include "api/data_access.h"
#include "api/route.h"

namespace twinstore {

// `cache_folder`: each workspace's files are in its own folder there; empty: no file is touched.
// `access` outlives the Api, whose schemas have "Deleted". Requires that its schema has the shipped
// collections.
void add_cleanup_routes(Api& api, DataAccess& access, const std::string& cache_folder);

}  // namespace twinstore
