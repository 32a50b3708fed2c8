// The OpenAPI 3.1 document of an Api (spec.openapis.org/oas/v3.1.0): what the router does, said by
// the same table. Thread rule: pure.
#pragma once

#include <string>

#include "api/route.h"

namespace twinstore {

// Requires that every schema that a route names is one of the Api's.
[[nodiscard]] std::string openapi_document(const Api& api);

}  // namespace twinstore
