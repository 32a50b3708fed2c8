#include "workspace/writer.h"

#include "base/log.h"
#include "config/server_limits.h"

namespace twinstore {
namespace {

// Errors with which Authority::push refuses one push and has written nothing for it.
bool is_refusal(ErrorCode code) {
  switch (code) {
    case ErrorCode::SchemaMismatch:
    case ErrorCode::SequenceGap:
    case ErrorCode::IdReuse:
    case ErrorCode::ClientForked: return true;
    default: return false;
  }
}

// A fault of the disk is the same for every push; any other may come from one of them.
bool is_fault_of_disk(ErrorCode code) {
  return code == ErrorCode::StorageBusy || code == ErrorCode::StorageFull ||
         code == ErrorCode::StorageIo || code == ErrorCode::StorageCorrupt ||
         code == ErrorCode::Unavailable;
}

Error answer_for(const Error& error) {
  if (is_retryable(error.code)) return error;
  return {ErrorCode::Unavailable, "the server could not store this; try again"};
}

}  // namespace

Writer::Writer(Storage& storage, Authority& authority, WriterWatch watch)
    : storage_(storage),
      authority_(authority),
      watch_(std::move(watch)),
      queue_(limits::push_queue_jobs_max, limits::push_queue_bytes_max),
      thread_([this] { work(); }) {}

Writer::~Writer() { stop(); }

bool Writer::push(PushRequest request, size_t bytes, PushDone done) {
  Job job = Push{std::move(request), std::move(done)};
  return queue_.put(job, bytes);
}

bool Writer::run(WriterTask task) {
  Job job = std::move(task);
  return queue_.put(job);
}

void Writer::stop() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Writer::work() {
  for (;;) {
    std::vector<Job> jobs = queue_.take_all();
    if (jobs.empty()) return;
    std::vector<Push> group;
    std::vector<WriterTask> tasks;
    for (Job& job : jobs) {
      if (auto* push = std::get_if<Push>(&job)) group.push_back(std::move(*push));
      if (auto* task = std::get_if<WriterTask>(&job)) tasks.push_back(std::move(*task));
    }
    if (!group.empty()) apply(group);
    for (const WriterTask& task : tasks) task(storage_);
  }
}

void Writer::apply(std::vector<Push>& group) {
  std::set<std::string> scopes;
  auto results = apply_in_transaction(group, scopes);
  if (!results.ok()) {
    const Error error = results.error();
    log_error("commit failed code=" + std::string(error_text(error.code)) +
              " pushes=" + std::to_string(group.size()) + " detail=" + error.message);
    storage_.rollback();
    is_reload_due_ = true;
    if (group.size() == 1 || is_fault_of_disk(error.code)) return fail(group, error);
    // One push may be the cause; each in a transaction of its own, it fails alone.
    for (Push& push : group) {
      std::vector<Push> alone;
      alone.push_back(std::move(push));
      apply(alone);
    }
    return;
  }
  if (!scopes.empty()) watch_(scopes, before_, authority_.head());
  for (size_t i = 0; i < group.size(); ++i) group[i].done(std::move(results.value()[i]));
}

// After an error the caller rolls back: nothing of the group may be answered as done.
Result<std::vector<Result<PushResponse>>> Writer::apply_in_transaction(
    const std::vector<Push>& group, std::set<std::string>& scopes) {
  if (is_reload_due_) {
    TWINSTORE_TRY_VOID(authority_.reload());
    is_reload_due_ = false;
  }
  std::vector<Result<PushResponse>> results;
  results.reserve(group.size());
  TWINSTORE_TRY_VOID(storage_.begin());
  std::vector<const PushRequest*> requests;
  for (const Push& push : group) requests.push_back(&push.request);
  TWINSTORE_TRY_VOID(authority_.prefetch(requests));
  TWINSTORE_TRY_VOID(authority_.catch_up());
  before_ = authority_.head();
  for (const Push& push : group) {
    auto effect = authority_.push(push.request);
    if (effect.ok()) {
      scopes.merge(effect.value().scopes);
      results.emplace_back(std::move(effect.value().response));
    } else if (is_refusal(effect.error().code)) {
      results.emplace_back(effect.error());
    } else {
      return effect.error();
    }
  }
  TWINSTORE_TRY_VOID(storage_.commit());
  return results;
}

void Writer::fail(std::vector<Push>& group, const Error& error) {
  for (Push& push : group) push.done(answer_for(error));
}

}  // namespace twinstore
