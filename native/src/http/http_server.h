// The HTTP side of the server: one acceptor, one I/O thread, any number of connections, each a
// coroutine. What is answered comes from the doors; nothing here knows what a message means.
// Thread rule: open(), deliver() and drain() from any thread; drain() not from the I/O thread.
// Next: http_session.h for one connection, live/live_connection.h for an upgraded one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/listen_address.h"
#include "http/message.h"
#include "live/live_service.h"
#include "observe/metrics.h"
#include "twinstore/result.h"

namespace twinstore {

struct HttpDoors {
  HttpHandler answer;
  // Nothing, or why this request may not become a WebSocket.
  std::function<std::optional<HttpResponse>(const HttpRequest&)> refuse_upgrade;
  // The answer to a request whose body is over the bound, in the form its path speaks.
  std::function<HttpResponse(const HttpRequest&)> refuse_body;
  LiveService* live = nullptr;
  Metrics* metrics = nullptr;
  // Called now and then; live connections are looked at afterwards.
  std::function<void()> tick{};
  std::set<std::string> trusted_proxies{};  // addresses whose X-Forwarded-For is believed
  size_t connections_per_address = SIZE_MAX;
};

class HttpServer {
 public:
  // Binds and listens; connections wait in the kernel until start().
  // Errors: Unavailable with the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(const ListenAddress& address,
                                                                  HttpDoors doors);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] uint16_t port() const;
  void start();
  struct Open {
    size_t connections = 0;  // those that are live included
    size_t live = 0;
  };
  [[nodiscard]] Open open() const;
  void deliver(std::vector<LiveDelivery> deliveries);
  // Stops accepting, lets requests under way be answered, closes live connections with 1001 and
  // returns when all are gone, or cuts the rest after limits::shutdown_deadline.
  void drain();

 private:
  struct Parts;  // hides Asio
  explicit HttpServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace twinstore
