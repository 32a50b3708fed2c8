#include "api/entity_tag.h"
#include "api/json_schemas.h"
#include "api/persistence_routes.h"
#include "api/record_storing.h"
#include "api/row_json.h"
#include "http/problem.h"
#include "twinstore/code_mri.h"
#include "twinstore/persistence_reader.h"
#include "twinstore/persistence_writer.h"

namespace twinstore {
namespace {

constexpr std::string_view entry_path = "/persistence/cache-entry/{cache_key}";

// A read counts a hit, so it goes the way of a write.
Result<HttpResponse> read_entry(const Call& call, OwnWrites& writes) {
  Authority& authority = writes.authority();
  const std::string& key = call.arguments.text("cache_key");
  TWINSTORE_TRY(const bool is_there, PersistenceWriter(writes).touch_cache_entry(key));
  if (!is_there) {
    return problem(call.request,
                   {ErrorCode::NotFound, "there is no such entry, or it has expired"});
  }
  const Schema& schema = authority.schema();
  TWINSTORE_TRY(PersistenceReader reader,
                PersistenceReader::make(schema, authority.storage(), authority.clock()));
  TWINSTORE_TRY(const auto row, reader.cache_entry(key));
  TWINSTORE_CHECK(row.has_value());
  HttpResponse response = json_answer(row_json(*schema.find(CacheEntry::collection), *row));
  response.set("ETag", row_tag(row->rev));
  return response;
}

Route get_entry(DataAccess& access) {
  return {
      .method = "GET",
      .path = std::string(entry_path),
      .operation = "getCacheEntry",
      .summary = "An entry of the cache; reading it counts a hit",
      .access = Access::everything(Role::Reader),
      .parameters = {cache_key_parameter()},
      .answers = {{200, "it", "CacheEntry"},
                  {404, "there is none, or it has expired", "Problem", "application/problem+json"}},
      .handler = [&access](Call call, const Respond& respond) {
        access.write(std::move(call), respond, read_entry);
      }};
}

Route put_entry(DataAccess& access) {
  return {.method = "PUT",
          .path = std::string(entry_path),
          .operation = "storeCacheEntry",
          .summary = "Registers what is cached; what was counted of it stays",
          .access = Access::everything(Role::Writer),
          .parameters = storing_parameters({cache_key_parameter()}),
          .body = Body{.summary = "the record", .schema = "CacheEntryRecord"},
          .answers = store_answers("CacheEntryResult"),
          .has_precondition = true,
          .handler = storing_one(access, CacheEntry::collection, {{"cache_key", "cache_key"}})};
}

}  // namespace

void add_cache_routes(Api& api, DataAccess& access) {
  const Collection& entries = *access.schema().find(CacheEntry::collection);
  api.schemas["CacheEntry"] = row_schema(entries);
  api.schemas["CacheEntryRecord"] = record_schema(entries, {"cache_key"});
  api.schemas["CacheEntryResult"] = result_schema(entries);
  api.routes.push_back(get_entry(access));
  api.routes.push_back(put_entry(access));
}

}  // namespace twinstore
