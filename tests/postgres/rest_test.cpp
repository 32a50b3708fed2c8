// The REST API over PostgreSQL.
#include "../services/rest_suite.h"
#include "base/log.h"
#include "cluster.h"

namespace twinstore::test {

struct PostgresRestServer {
  std::unique_ptr<Server> server;

  PostgresRestServer() {
    set_log_level(LogLevel::Off);
    ServerOptions options;
    auto location = parse_database_url(Cluster::shared().create_database());
    TWINSTORE_CHECK(location.ok());
    options.database = std::move(location).value();
    auto started = Server::start(options);
    TWINSTORE_CHECK(started.ok());
    server = std::move(started).value();
  }
  [[nodiscard]] uint16_t port() const { return server->port(); }
};

TWINSTORE_REST_SUITE(PostgresRestServer);

}  // namespace twinstore::test
