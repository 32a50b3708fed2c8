#include "api/entity_tag.h"
#include "api/json_schemas.h"
#include "api/persistence_routes.h"
#include "http/problem.h"
#include "twinstore/code_mri.h"
#include "twinstore/limits.h"
#include "twinstore/persistence_writer.h"

namespace twinstore {
namespace {

// A deletion goes on in steps; what it counted is kept between them, by step, so that one that has
// to begin anew counts anew.
struct Deletion {
  RowCounts counts;     // of what is committed
  RowCounts with_step;  // and of the step under way
  bool is_begun = false;
};
using DeleteStep = std::function<Result<bool>(const Call&, PersistenceWriter&, RowCounts&)>;

Result<std::optional<HttpResponse>> delete_step(const Call& call, OwnWrites& writes,
                                                const std::vector<std::string>& key,
                                                std::string_view collection_name,
                                                const DeleteStep& step, Deletion& deletion) {
  Authority& authority = writes.authority();
  const Schema& schema = authority.schema();
  const Collection& collection = *schema.find(collection_name);
  if (!deletion.is_begun && !call.request.header("If-Match").empty()) {
    TWINSTORE_TRY(const auto stored,
                  load_row(authority.storage(), collection, Key(key.begin(), key.end())));
    std::optional<std::string> tag;
    if (stored && !stored->is_deleted()) tag = row_tag(stored->rev);
    if (is_precondition_failed(call.request, tag)) {
      return std::optional(
          problem(call.request, {ErrorCode::PreconditionFailed, "it is not as If-Match says"}));
    }
  }
  RowCounts counts = deletion.counts;
  PersistenceWriter writer(writes);
  TWINSTORE_TRY(const bool is_done, step(call, writer, counts));
  deletion.with_step = std::move(counts);
  if (!is_done) return std::optional<HttpResponse>{};
  if (deletion.with_step.empty()) {
    return std::optional(
        problem(call.request, {ErrorCode::NotFound, "nothing of this name is stored"}));
  }
  return std::optional(
      json_answer("{\"deleted\":" + row_counts_json(schema, deletion.with_step) + "}"));
}

// `parameters` of the path are the key of the row whose version If-Match names.
CallHandler deleting(DataAccess& access, std::string_view collection,
                     std::vector<std::string> parameters, DeleteStep step) {
  return [&access, collection, parameters = std::move(parameters), step = std::move(step)](
             Call call, const Respond& respond) {
    std::vector<std::string> key;
    for (const std::string& name : parameters) key.push_back(call.arguments.text(name));
    const auto deletion = std::make_shared<Deletion>();
    access.write_steps(
        std::move(call), respond,
        [key, collection, step, deletion](const Call& head, OwnWrites& writes) {
          return delete_step(head, writes, key, collection, step, *deletion);
        },
        [deletion] {
          deletion->counts = deletion->with_step;
          deletion->is_begun = true;
        });
  };
}

std::vector<Answer> delete_answers() {
  return {{200, "what went", "Deleted"},
          {404, "nothing of this name is stored", "Problem", "application/problem+json"}};
}

Route delete_repository(DataAccess& access) {
  return {.method = "DELETE",
          .path = "/persistence/repository/{repo_id}",
          .operation = "deleteRepository",
          .summary = "Deletes a repository with everything that belongs to it",
          .access = Access::repository(Role::Writer),
          .parameters = {repo_id_parameter()},
          .answers = delete_answers(),
          .has_precondition = true,
          .handler = deleting(access, RepositoryInfo::collection, {"repo_id"},
                              [](const Call& call, PersistenceWriter& writer, RowCounts& counts) {
                                return writer.delete_repository(call.arguments.text("repo_id"),
                                                                limits::delete_batch_rows, counts);
                              })};
}

Route delete_branch(DataAccess& access) {
  return {.method = "DELETE",
          .path = "/persistence/branches/{repo_id}/{branch_name}",
          .operation = "deleteBranch",
          .summary = "Deletes a branch with its analyses and metrics",
          .access = Access::repository(Role::Writer),
          .parameters = {repo_id_parameter(), branch_name_parameter()},
          .answers = delete_answers(),
          .has_precondition = true,
          .handler = deleting(access, BranchInfo::collection, {"repo_id", "branch_name"},
                              [](const Call& call, PersistenceWriter& writer, RowCounts& counts) {
                                return writer.delete_branch(call.arguments.text("repo_id"),
                                                            call.arguments.text("branch_name"),
                                                            limits::delete_batch_rows, counts);
                              })};
}

Route delete_cache_entry(DataAccess& access) {
  return {.method = "DELETE",
          .path = "/persistence/cache-entry/{cache_key}",
          .operation = "deleteCacheEntry",
          .summary = "Deletes an entry of the cache",
          .access = Access::everything(Role::Writer),
          .parameters = {cache_key_parameter()},
          .answers = delete_answers(),
          .has_precondition = true,
          .handler = deleting(
              access, CacheEntry::collection, {"cache_key"},
              [](const Call& call, PersistenceWriter& writer, RowCounts& counts) -> Result<bool> {
                size_t rows_left = 1;
                TWINSTORE_TRY_VOID(writer.delete_row(
                    CacheEntry::collection, {call.arguments.text("cache_key")}, rows_left, counts));
                return true;
              })};
}

}  // namespace

void add_persistence_delete_routes(Api& api, DataAccess& access) {
  api.schemas["Deleted"] = object_of({{"deleted", row_counts_schema(access.schema())}});
  api.routes.push_back(delete_repository(access));
  api.routes.push_back(delete_branch(access));
  api.routes.push_back(delete_cache_entry(access));
}

}  // namespace twinstore
