// The services against the facts that hold over every storage.
#include "../services/archive_suite.h"
#include "../services/cleanup_suite.h"
#include "../services/persistence_suite.h"
#include "../services/refresh_suite.h"
#include "../services/synchronization_suite.h"
#include "node.h"

namespace twinstore::test {

// One database for all, and a workspace for each.
struct PostgresServiceEngine {
  explicit PostgresServiceEngine(const Schema& schema) {
    static const std::string url = Cluster::shared().create_database();
    static int count = 0;
    PostgresOptions options = postgres_options(url);
    options.workspace = "s" + std::to_string(++count);
    storage = open_postgres(schema, options);
  }
  std::unique_ptr<Storage> storage;
};

TWINSTORE_ARCHIVE_SUITE(PostgresServiceEngine);
TWINSTORE_CLEANUP_SUITE(PostgresServiceEngine);
TWINSTORE_PERSISTENCE_SUITE(PostgresServiceEngine);
TWINSTORE_REFRESH_SUITE(PostgresServiceEngine);
TWINSTORE_SYNCHRONIZATION_SUITE(PostgresServiceEngine);

}  // namespace twinstore::test
