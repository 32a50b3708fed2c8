#include "serve/server.h"

#include "api/conflict_routes.h"
#include "api/general_routes.h"
#include "api/observe_routes.h"
#include "api/persistence_routes.h"
#include "api/refresh_routes.h"
#include "api/router.h"
#include "api/sync_endpoint.h"
#include "auth/gate.h"
#include "config/schema_source.h"
#include "http/problem.h"

namespace twinstore {
namespace {

const Error body_too_large{ErrorCode::BodyTooLarge, "a body has at most 8 MiB"};

}  // namespace

Server::Server() = default;
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server());
  TWINSTORE_TRY_VOID(server->open(options));
  return server;
}

Result<void> Server::open(const ServerOptions& options) {
  TWINSTORE_TRY(schema_, schema_from_file(options.schema_file));
  TWINSTORE_TRY(auto authenticator,
                Authenticator::open(options.auth, options.database.workspace, clock_));
  if (!authenticator->is_on() && !options.listen.is_loopback()) {
    return Error{ErrorCode::InvalidArgument,
                 options.listen.host +
                     " can be reached from other machines: give --auth-tokens or --auth-keys, or"
                     " listen on 127.0.0.1"};
  }
  // Where tokens are asked for, a page that rebinds its own name has none.
  TWINSTORE_TRY(Origins origins, Origins::make(options.allowed_origins,
                                               authenticator->is_on() ? Origins::Hosts::Any
                                                                      : Origins::Hosts::Loopback));
  gate_ = std::make_unique<Gate>(std::move(authenticator), options.rates, clock_);
  std::optional<StaticFiles> files;
  if (!options.web_folder.empty()) {
    TWINSTORE_TRY(files, StaticFiles::open(options.web_folder));
  }
  refresh_ = options.refresh;
  DatabaseLocation database = options.database;
  database.is_confined = gate_->is_on();
  TWINSTORE_TRY(workspaces_, Workspaces::open({.schema = *schema_,
                                               .location = std::move(database),
                                               .clock = clock_,
                                               .ids = ids_,
                                               .deliver =
                                                   [this](std::vector<LiveDelivery> deliveries) {
                                                     http_->deliver(std::move(deliveries));
                                                   },
                                               .metrics = metrics_,
                                               .refresh = &refresh_}));
  workspaces_->use(options.database.workspace, [this](Result<WorkspaceUse> use) {
    TWINSTORE_CHECK(use.ok());  // open() has opened it
    own_ = std::move(use).value();
  });
  live_ = std::make_unique<LiveService>(*schema_, *workspaces_, *gate_, clock_);
  data_ = std::make_unique<DataAccess>(*schema_, clock_);
  workspace_ = options.database.workspace;
  router_ = std::make_unique<Router>(
      make_api(options.cache_folder), std::move(origins), std::move(files),
      [this](const HttpRequest& request) { return gate_->enter(request); },
      [this](const std::string& name, Workspaces::Ready ready) {
        workspaces_->use(name, std::move(ready));
      });
  for (const std::string& operation : router_->operations()) metrics_->add_operation(operation);
  TWINSTORE_TRY(http_, HttpServer::listen(options.listen, make_doors(options)));
  http_->start();
  return {};
}

Api Server::make_api(const std::string& cache_folder) {
  Api api;
  add_general_routes(api, *schema_);
  add_conflict_routes(api, *data_);
  // A schema of the app's own is read and written by the sync protocol alone.
  if (has_shipped_collections(*schema_)) {
    add_persistence_routes(api, *data_, cache_folder);
    add_refresh_routes(api, *data_);
  }
  add_observe_routes(api, observe_doors());
  add_openapi_route(api);
  return api;
}

ObserveDoors Server::observe_doors() {
  return {.metrics = metrics_,
          .gauges = [this] { return gauges(); },
          .check_database = [this](auto told) { check_database(std::move(told)); },
          .standing = [this] { return std::string(is_stopping_ ? "draining" : "ready"); }};
}

void Server::check_database(std::function<void(Result<void>)> told) {
  workspaces_->use(workspace_, [told](Result<WorkspaceUse> use) {
    if (!use.ok()) return told(use.error());
    const WorkspaceUse workspace = std::move(use).value();
    const bool is_queued = workspace->read([told, workspace](ChangeFeed& feed) {
      const auto read = feed.storage().get("authority", "head");
      told(read.ok() ? Result<void>() : read.error());
    });
    if (!is_queued) told(Error{ErrorCode::Unavailable, "there is too much to read"});
  });
}

std::vector<Metrics::Gauge> Server::gauges() const {
  const HttpServer::Open open = http_->open();
  const auto number = [](size_t count) { return static_cast<double>(count); };
  return {{"http_connections", "Open connections, live ones included.", number(open.connections)},
          {"live_connections", "Open WebSockets.", number(open.live)},
          {"workspaces_open", "Workspaces that are open.", number(workspaces_->open_count())},
          {"writes_failing", "1 while the disk or the database takes no writes.",
           metrics_->failing() ? 1.0 : 0.0}};
}

HttpDoors Server::make_doors(const ServerOptions& options) {
  HttpDoors doors;
  doors.answer = [this](HttpRequest request, const Respond& respond) {
    if (auto admitted = gate_->admit(request.address); !admitted.ok()) {
      return respond(problem(request, admitted.error()));
    }
    router_->answer(std::move(request), respond);
  };
  doors.refuse_upgrade = [this](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (auto admitted = gate_->admit(request.address); !admitted.ok()) {
      return problem(request, admitted.error());
    }
    return router_->refuse_upgrade(request, live_path);
  };
  doors.refuse_body = [this](const HttpRequest& request) {
    return request.path == sync_path ? protocol_error(*schema_, body_too_large)
                                     : problem(request, body_too_large);
  };
  doors.live = live_.get();
  doors.metrics = metrics_.get();
  doors.tick = [this] { gate_->reload(); };
  doors.trusted_proxies = {options.trusted_proxies.begin(), options.trusted_proxies.end()};
  doors.connections_per_address = options.connections_per_address;
  return doors;
}

uint16_t Server::port() const { return http_->port(); }

const Api& Server::api() const { return router_->api(); }

void Server::stop() {
  // Requests first, they need a workspace; then the workspaces, whose last tasks may still hand
  // something to HTTP; the parts themselves go when the server does.
  is_stopping_ = true;
  if (http_) http_->drain();
  own_.reset();
  if (workspaces_) workspaces_->stop();
}

}  // namespace twinstore
