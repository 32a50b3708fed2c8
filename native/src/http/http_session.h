// One HTTP/1.1 connection: reads requests within bounds and deadlines, has them answered, writes
// the answers in order, and hands a WebSocket upgrade on. Thread rule: the I/O thread.
#pragma once

#include "http/connections.h"
#include "http/http_server.h"
#include "http/net.h"

namespace twinstore {

// What all connections of a server share. Lives as long as the server.
struct HttpContext {
  HttpDoors doors;
  Connections connections;
  uint64_t last_request = 0;
  bool is_draining = false;
};

// Returns when the connection is closed.
[[nodiscard]] net::Awaitable<> serve_http(net::Socket socket, HttpContext& context);

}  // namespace twinstore
