#include "serve/server.h"

#include "api/conflict_routes.h"
#include "api/general_routes.h"
#include "api/persistence_routes.h"
#include "api/router.h"
#include "api/sync_endpoint.h"
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
  TWINSTORE_TRY(Origins origins, Origins::make(options.allowed_origins));
  std::optional<StaticFiles> files;
  if (!options.web_folder.empty()) {
    TWINSTORE_TRY(files, StaticFiles::open(options.web_folder));
  }
  TWINSTORE_TRY(workspaces_,
                Workspaces::open({.schema = *schema_,
                                  .location = options.database,
                                  .clock = clock_,
                                  .ids = ids_,
                                  .deliver = [this](std::vector<LiveDelivery> deliveries) {
                                    http_->deliver(std::move(deliveries));
                                  }}));
  live_ = std::make_unique<LiveService>(*schema_, *workspaces_);
  data_ = std::make_unique<DataAccess>(*schema_, clock_);
  const std::string workspace = options.database.workspace;
  router_ = std::make_unique<Router>(
      make_api(), std::move(origins), std::move(files),
      [workspace](const HttpRequest&) -> Result<Principal> { return local_principal(workspace); },
      [this](const std::string& name, Workspaces::Ready ready) {
        workspaces_->use(name, std::move(ready));
      });
  TWINSTORE_TRY(http_, HttpServer::listen(options.listen, make_doors(workspace)));
  http_->start();
  return {};
}

Api Server::make_api() {
  Api api;
  add_general_routes(api, *schema_);
  add_conflict_routes(api, *data_);
  // A schema of the app's own is read and written by the sync protocol alone.
  if (has_shipped_collections(*schema_)) add_persistence_routes(api, *data_);
  add_openapi_route(api);
  return api;
}

HttpDoors Server::make_doors(const std::string& workspace) {
  HttpDoors doors;
  doors.answer = [this](HttpRequest request, const Respond& respond) {
    router_->answer(std::move(request), respond);
  };
  doors.refuse_upgrade = [this](const HttpRequest& request) {
    return router_->refuse_upgrade(request, live_path);
  };
  doors.refuse_body = [this](const HttpRequest& request) {
    return request.path == sync_path ? protocol_error(*schema_, body_too_large)
                                     : problem(request, body_too_large);
  };
  doors.live = live_.get();
  doors.workspace = workspace;
  return doors;
}

uint16_t Server::port() const { return http_->port(); }

void Server::stop() {
  // Requests first, they need a workspace; then the workspaces, whose last tasks may still hand
  // something to HTTP; the parts themselves go when the server does.
  if (http_) http_->drain();
  if (workspaces_) workspaces_->stop();
}

}  // namespace twinstore
