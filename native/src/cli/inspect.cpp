#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/database_option.h"
#include "config/schema_source.h"
#include "sync/authority_records.h"
#include "twinstore/statistics.h"
#include "workspace/jsonl_export.h"
#include "workspace/open_storage.h"

namespace twinstore {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> count_rows(const Schema& schema, Storage& storage) {
  Json rows = Json::object();
  for (const Collection& collection : schema.collections()) {
    TWINSTORE_TRY(rows[collection.name], storage.count(collection, {}));
  }
  return rows;
}

// By what stands before the slash: a space of each client, or of each source, counts with others.
Result<Json> count_records(Storage& storage) {
  Json records = Json::object();
  TWINSTORE_TRY(const auto spaces, storage.spaces());
  for (const std::string& space : spaces) {
    int64_t count = 0;
    TWINSTORE_TRY_VOID(storage.scan(space, "", "", [&](std::string_view, std::string_view) {
      ++count;
      return true;
    }));
    const std::string kind = space.substr(0, space.find('/'));
    records[kind] = records.value(kind, int64_t{0}) + count;
  }
  return records;
}

Result<std::string> statistics(const DatabaseOptions& options) {
  TWINSTORE_TRY(const auto schema, schema_from_file(options.schema_file));
  TWINSTORE_TRY(const DatabaseLocation location, database_from_option(options.database_url));
  TWINSTORE_TRY(const auto storage, open_storage(*schema, location, true));
  TWINSTORE_TRY(const Transaction state, Transaction::begin(*storage));
  TWINSTORE_TRY(const int64_t bytes, storage->bytes());
  TWINSTORE_TRY(const std::string epoch, read_epoch(*storage));
  TWINSTORE_TRY(const Rev head, read_head(*storage));
  TWINSTORE_TRY(const Json rows, count_rows(*schema, *storage));
  TWINSTORE_TRY(const Json records, count_records(*storage));
  TWINSTORE_TRY(const SyncStatistics sync, read_sync_statistics(*schema, *storage));
  const Json out{{"database", location.text()},
                 {"engine", location.is_postgres() ? "postgresql" : "sqlite"},
                 {"schema", schema->name()},
                 {"schema_version", schema->version()},
                 {"bytes", bytes},
                 {"epoch", epoch},
                 {"head", head},
                 {"rows", rows},
                 {"records", records},
                 {"sync", Json::parse(statistics_json(sync), nullptr, false)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

Result<std::string> export_rows(const DatabaseOptions& options) {
  TWINSTORE_TRY(const auto schema, schema_from_file(options.schema_file));
  TWINSTORE_TRY(const DatabaseLocation location, database_from_option(options.database_url));
  TWINSTORE_TRY(const auto storage, open_storage(*schema, location, true));
  TWINSTORE_TRY(const int64_t rows, export_jsonl(*schema, *storage, options.path));
  return "exported " + std::to_string(rows) + (rows == 1 ? " row" : " rows") + " into " +
         options.path;
}

}  // namespace

int stats_command(const DatabaseOptions& options) { return print_or_fail(statistics(options)); }

int export_jsonl_command(const DatabaseOptions& options) {
  return print_or_fail(export_rows(options));
}

}  // namespace twinstore
