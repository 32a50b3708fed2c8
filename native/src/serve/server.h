// The whole server: workspaces and HTTP, put together and taken apart in order.
// One push's road: http_session → router → sync_endpoint → workspace → writer → authority, and the
// answer back; the commit goes on to the workspace's live hub and from there to the other clients.
// Thread rule: start(), port() and stop() from one thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "auth/limiter.h"
#include "base/system.h"
#include "config/database_url.h"
#include "config/listen_address.h"
#include "config/refresh_config.h"
#include "http/http_server.h"
#include "twinstore/schema.h"
#include "workspace/workspaces.h"

namespace twinstore {

struct Api;
struct ObserveDoors;
class DataAccess;
class Gate;
class Router;

struct ServerOptions {
  ListenAddress listen;
  DatabaseLocation database;
  std::string schema_file;                   // empty: the shipped schema
  std::string web_folder;                    // empty: no web app
  std::vector<std::string> allowed_origins;  // besides the server's own
  RefreshConfig refresh;
  std::string cache_folder;  // of files that go with their cache entries; empty: none do
  AuthOptions auth;          // off: only a loopback address can be listened on
  RateOptions rates;         // where tokens are asked for
  std::vector<std::string> trusted_proxies;  // addresses whose X-Forwarded-For is believed
  size_t connections_per_address = SIZE_MAX;
};

class Server {
 public:
  // Listens and answers when it returns. Errors: InvalidArgument for an origin, or an address that
  // others reach without tokens; NotFound for the web folder; those of Authenticator::open,
  // schema_from_file, Workspaces::open and HttpServer::listen.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(const ServerOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] uint16_t port() const;
  [[nodiscard]] const Api& api() const;
  // Stops accepting, answers what is under way, closes live connections and the database.
  void stop();

 private:
  Server();
  Result<void> open(const ServerOptions& options);
  Api make_api(const std::string& cache_folder);
  ObserveDoors observe_doors();
  void check_database(std::function<void(Result<void>)> told);
  std::vector<Metrics::Gauge> gauges() const;
  HttpDoors make_doors(const ServerOptions& options);

  std::unique_ptr<Schema> schema_;
  SystemClock clock_;
  SystemIdSource ids_;
  std::shared_ptr<Metrics> metrics_ = std::make_shared<Metrics>();
  std::atomic<bool> is_stopping_{false};
  std::string workspace_;  // of callers that name none
  RefreshConfig refresh_;
  std::unique_ptr<Workspaces> workspaces_;  // outlives what uses one
  WorkspaceUse own_;                        // stays open: it is refreshed while nobody else uses it
  std::unique_ptr<Gate> gate_;
  std::unique_ptr<LiveService> live_;
  std::unique_ptr<DataAccess> data_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<HttpServer> http_;
};

}  // namespace twinstore
