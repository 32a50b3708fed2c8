#include "refresh/refresh_run.h"

#include "base/log.h"
#include "twinstore/persistence_writer.h"

namespace twinstore {
namespace {

Error no_source() {
  return {ErrorCode::NotFound, "the server is not configured to refresh this repository"};
}

// One step of a task's life in a transaction of its own; what cannot be stored is logged.
template <class Step>
void settle(const RefreshContext& context, const RefreshTask& task, const Step& step) {
  const auto stored =
      run_in(context.persistence.transactions(), [&](OwnWrites& writes) -> Result<bool> {
        RefreshTaskWriter tasks(writes, context.ids, context.policy);
        return step(writes, tasks);
      });
  if (stored.ok()) return;
  log_warn("refresh not settled task=" + task.id + " code=" +
           std::string(error_text(stored.error().code)) + " detail=" + stored.error().message);
}

void fail(const RefreshContext& context, const RefreshTask& task, const Error& error) {
  log_info("refresh failed task=" + task.id + " code=" + std::string(error_text(error.code)));
  settle(context, task, [&](OwnWrites&, RefreshTaskWriter& tasks) {
    return tasks.fail(task.id, context.owner, error.message, is_retryable(error.code));
  });
}

Result<Refreshed> ask(const RefreshContext& context, const RefreshTask& task,
                      const RefreshSources::Source& source, const std::stop_token& stop) {
  const RefreshRequest request{task.id, task.repo_id, task.branch_name, task.cause,
                               context.persistence.clock().now_ms()};
  const auto deadline = std::chrono::steady_clock::now() + source.time_limit;
  return source.refresher->refresh(request, CallBounds{stop, deadline});
}

}  // namespace

Result<void> hand_in(OwnWrites& writes, std::string_view source,
                     const std::vector<RefreshedRow>& rows) {
  const Schema& schema = writes.authority().schema();
  std::vector<IngestRecord> records;
  for (const RefreshedRow& row : rows) {
    auto record = read_ingest_record(
        schema, row.collection,
        row.record.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    if (!record.ok()) {
      return Error{record.error().code, row.collection + ": " + record.error().message};
    }
    records.push_back(std::move(record).value());
  }
  TWINSTORE_TRY(const auto results,
                PersistenceWriter(writes).store(schema, source, std::move(records)));
  for (const IngestResult& result : results) {
    if (result.status == IngestStatus::Rejected) {
      return Error{result.outcome.code, result.outcome.message};
    }
  }
  return {};
}

void run_task(const RefreshContext& context, const RefreshTask& task, const std::stop_token& stop) {
  const RefreshSources::Source* source = context.sources.find(task.repo_id);
  if (source == nullptr) return fail(context, task, no_source());
  const auto answer = ask(context, task, *source, stop);
  if (!answer.ok() && stop.stop_requested()) {
    return settle(context, task, [&](OwnWrites&, RefreshTaskWriter& tasks) {
      return tasks.release(task.id, context.owner);
    });
  }
  if (!answer.ok()) return fail(context, task, answer.error());
  const auto stored =
      run_in(context.persistence.transactions(), [&](OwnWrites& writes) -> Result<bool> {
        RefreshTaskWriter tasks(writes, context.ids, context.policy);
        TWINSTORE_TRY(const bool is_ours,
                      tasks.finish(task.id, context.owner, answer.value().analyzed_commit));
        if (!is_ours) return false;
        TWINSTORE_TRY_VOID(hand_in(writes, source->refresher->source(), answer.value().rows));
        return true;
      });
  if (!stored.ok()) fail(context, task, stored.error());
}

}  // namespace twinstore
