// Whose request it is, behind proxies. Thread rule: pure functions.
#pragma once

#include <set>
#include <string>

#include "http/message.h"

namespace twinstore {

// The peer, unless it is a proxy that is trusted: then the last address in X-Forwarded-For that is
// none. What stands before it anybody could have written.
[[nodiscard]] std::string client_address(const HttpRequest& request, const std::string& peer,
                                         const std::set<std::string>& trusted_proxies);

}  // namespace twinstore
