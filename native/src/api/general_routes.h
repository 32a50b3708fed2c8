// The routes that are about the server itself and the sync protocol. Thread rule: pure.
#pragma once

#include "api/route.h"
#include "api/sync_endpoint.h"

namespace twinstore {

inline constexpr std::string_view sync_path = "/sync";
inline constexpr std::string_view live_path = "/sync/live";

// `schema` outlives the Api.
void add_general_routes(Api& api, const Schema& schema);
// GET /openapi.json. To be added last: the document describes what is there by then, and itself.
void add_openapi_route(Api& api);

}  // namespace twinstore
