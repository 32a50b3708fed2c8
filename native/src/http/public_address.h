// Which addresses are out in the world: those that a webhook may be at unless the operator allows
// more. A name may resolve to a machine that trusts this one, such as itself or a cloud's metadata
// service at 169.254.169.254. Thread rule: pure functions.
#pragma once

#include <boost/asio/ip/address.hpp>

namespace twinstore {

// False for loopback, private, link-local, shared, multicast, documentation and reserved addresses
// (IANA's special-purpose registries, RFC 6890), also where IPv6 carries one of IPv4.
[[nodiscard]] bool is_public_address(const boost::asio::ip::address& address);

}  // namespace twinstore
