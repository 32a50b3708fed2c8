// One live connection: a WebSocket that carries messages both ways. Reads one message at a time,
// writes from a bounded queue, and gives up on a peer that does not read. Thread rule: I/O thread.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/http_session.h"
#include "http/net.h"

namespace twinstore {

using UpgradeRequest = net::beast::http::request<net::beast::http::string_body>;

// Returns when the connection is closed.
[[nodiscard]] net::Awaitable<> serve_live(net::Stream stream, UpgradeRequest request,
                                          std::string address, HttpContext& context);

}  // namespace twinstore
