// PostgresStorage against the facts that hold for every storage, and what only it has to bear: a
// server that goes away, other writers, settings that would lose data.
#include "storage_postgres/storage.h"

#include "../storage/storage_suite.h"
#include "cluster.h"

namespace twinstore::test {
namespace {

PostgresOptions options_of(const std::string& url, std::string workspace = "main") {
  PostgresOptions options;
  options.url = url;
  options.workspace = std::move(workspace);
  return options;
}

std::unique_ptr<PostgresStorage> opened(const Schema& schema, const PostgresOptions& options) {
  auto storage = PostgresStorage::open(schema, options);
  if (!storage.ok()) std::fprintf(stderr, "%s\n", storage.error().message.c_str());
  TWINSTORE_CHECK(storage.ok());
  return std::move(storage).value();
}

}  // namespace

// One database for all, and a workspace for each: what one holds, another must not see.
struct PostgresEngine {
  explicit PostgresEngine(const Schema& schema) {
    static const std::string url = Cluster::shared().create_database();
    static int count = 0;
    storage = opened(schema, options_of(url, "w" + std::to_string(++count)));
  }
  std::unique_ptr<Storage> storage;
};

TWINSTORE_STORAGE_SUITE(PostgresEngine, FaultyEngine<PostgresEngine>);

}  // namespace twinstore::test
