// The routes of what is stored about repositories: reading, writing, deleting, and the cache, each
// in a file of its own. Thread rule: pure. Next: data_access.h for how they come to the data.
#pragma once

#include "api/data_access.h"
#include "api/route.h"

namespace twinstore {

// Parameters of paths that several routes have.
[[nodiscard]] Parameter repo_id_parameter();
[[nodiscard]] Parameter branch_name_parameter();
[[nodiscard]] Parameter cache_key_parameter();

[[nodiscard]] bool has_shipped_collections(const Schema& schema);

// `access` outlives the Api. Requires that its schema has the shipped collections. `cache_folder`
// as add_cleanup_routes.
void add_persistence_routes(Api& api, DataAccess& access, const std::string& cache_folder);
// Its parts.
void add_persistence_read_routes(Api& api, DataAccess& access);
void add_persistence_write_routes(Api& api, DataAccess& access);
void add_persistence_delete_routes(Api& api, DataAccess& access);
void add_cache_routes(Api& api, DataAccess& access);

}  // namespace twinstore
