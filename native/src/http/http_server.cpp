#include "http/http_server.h"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "base/log.h"
#include "base/system.h"
#include "config/server_limits.h"
#include "http/http_session.h"

namespace twinstore {
namespace {

using net::asio::co_spawn;

constexpr std::chrono::milliseconds accept_pause{100};  // the process is out of descriptors

// Requests are counted from a place of chance, so that an id names one request in the logs of all
// nodes and of all their lives.
uint64_t first_request() {
  std::array<uint8_t, sizeof(uint32_t)> bytes{};
  SystemIdSource().fill(bytes);
  uint64_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number << 24;
}

// What a coroutine throws is a fault of ours or a lack of memory; it ends that connection alone.
void log_escape(const std::exception_ptr& escaped) {
  if (!escaped) return;
  try {
    std::rethrow_exception(escaped);
  } catch (const std::exception& exception) {
    log_error("a connection ended", {{"detail", exception.what()}});
  }
}

}  // namespace

struct HttpServer::Parts {
  HttpContext context;
  net::asio::io_context io{1};
  net::Acceptor acceptor{io.get_executor()};
  net::Timer room{io.get_executor()};     // until a connection leaves
  net::Timer cut_off{io.get_executor()};  // ends a drain that takes too long
  net::Timer ticker{io.get_executor()};
  uint16_t port = 0;
  std::thread thread;

  net::Awaitable<> accept_all();
  net::Awaitable<> cut_off_later();
  net::Awaitable<> tick_all();
  void close_soon();
};

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

HttpServer::~HttpServer() { drain(); }

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ListenAddress& address,
                                                       HttpDoors doors) {
  auto parts = std::make_unique<Parts>();
  parts->context.doors = std::move(doors);
  parts->context.last_request = first_request();
  net::error_code error;
  const net::tcp::endpoint endpoint(net::asio::ip::make_address(address.host, error), address.port);
  if (!error) parts->acceptor.open(endpoint.protocol(), error);
  if (!error) parts->acceptor.set_option(net::Acceptor::reuse_address(true), error);
  if (!error) parts->acceptor.bind(endpoint, error);
  if (!error) parts->acceptor.listen(net::asio::socket_base::max_listen_connections, error);
  if (error) {
    return Error{ErrorCode::Unavailable,
                 "cannot listen on " + address.url(address.port) + ": " + error.message()};
  }
  parts->port = parts->acceptor.local_endpoint().port();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

uint16_t HttpServer::port() const { return parts_->port; }

void HttpServer::start() {
  Parts& parts = *parts_;
  parts.context.connections.on_change([&parts] {
    parts.room.cancel();
    if (parts.context.is_draining && parts.context.connections.size() == 0) parts.cut_off.cancel();
  });
  co_spawn(parts.io, parts.accept_all(), log_escape);
  co_spawn(parts.io, parts.tick_all(), log_escape);
  // Returns when nothing is left to do: no acceptor, no connection, no timer.
  parts.thread = std::thread([&parts] { parts.io.run(); });
}

net::Awaitable<> HttpServer::Parts::accept_all() {
  while (acceptor.is_open()) {
    net::error_code error;
    if (context.connections.size() >= limits::connections_max) {
      room.expires_at(std::chrono::steady_clock::time_point::max());
      co_await room.async_wait(net::into(error));
      continue;
    }
    net::Socket socket = co_await acceptor.async_accept(net::into(error));
    if (!acceptor.is_open()) co_return;
    if (error) {
      log_warn("accept failed", {{"detail", error.message()}});
      room.expires_after(accept_pause);
      co_await room.async_wait(net::into(error));
      continue;
    }
    socket.set_option(net::tcp::no_delay(true), error);
    co_spawn(io, serve_http(std::move(socket), context), log_escape);
  }
}

HttpServer::Open HttpServer::open() const {
  return {parts_->context.connections.size(), parts_->context.connections.live_size()};
}

net::Awaitable<> HttpServer::Parts::tick_all() {
  net::error_code error;
  while (!context.is_draining) {
    ticker.expires_after(limits::live_check_interval);
    co_await ticker.async_wait(net::into(error));
    if (error) co_return;
    if (context.doors.tick) context.doors.tick();
    context.connections.recheck_live();
  }
}

void HttpServer::deliver(std::vector<LiveDelivery> deliveries) {
  net::asio::post(parts_->io, [this, kept = std::move(deliveries)] {
    for (const LiveDelivery& delivery : kept) {
      for (const ConnectionId id : delivery.connections) {
        LivePeer* peer = parts_->context.connections.find_live(id);
        if (peer != nullptr) peer->deliver(delivery.scope, delivery.text, delivery.committed);
      }
    }
  });
}

void HttpServer::drain() {
  Parts& parts = *parts_;
  if (!parts.thread.joinable()) return;
  net::asio::post(parts.io, [&parts] { parts.close_soon(); });
  parts.thread.join();
  // What is left after a cut ends with io, when the timers are gone already.
  parts.context.connections.on_change({});
}

void HttpServer::Parts::close_soon() {
  if (context.is_draining) return;
  context.is_draining = true;
  net::error_code ignored;
  acceptor.close(ignored);
  room.cancel();
  ticker.cancel();
  context.connections.close_all_soon();
  if (context.connections.size() > 0) co_spawn(io, cut_off_later(), log_escape);
}

net::Awaitable<> HttpServer::Parts::cut_off_later() {
  net::error_code error;
  cut_off.expires_after(limits::shutdown_deadline);
  co_await cut_off.async_wait(net::into(error));
  if (error) co_return;
  log_warn("connections are cut", {{"connections", context.connections.size()}});
  io.stop();
}

}  // namespace twinstore
