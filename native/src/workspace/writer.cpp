#include "workspace/writer.h"

#include "base/log.h"
#include "config/server_limits.h"
#include "workspace/client_owner.h"

namespace twinstore {
namespace {

// Errors with which Authority::push refuses one push and has written nothing for it.
bool is_refusal(ErrorCode code) {
  switch (code) {
    case ErrorCode::SchemaMismatch:
    case ErrorCode::Forbidden:
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

// What a push is told of a fault that is not its own.
Error answer_for(const Error& error) {
  if (is_retryable(error.code)) return error;
  return {ErrorCode::Unavailable, "the server could not store this; try again"};
}

void warn_if_slow(size_t writes, std::chrono::steady_clock::time_point began) {
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  if (is_slow(took.count())) log_warn("slow commit", {{"writes", writes}, {"ms", took.count()}});
}

}  // namespace

Writer::Writer(Storage& storage, Authority& authority, WriterWatch watch,
               std::shared_ptr<Metrics> metrics)
    : storage_(storage),
      authority_(authority),
      watch_(std::move(watch)),
      metrics_(std::move(metrics)),
      queue_(limits::push_queue_jobs_max, limits::push_queue_bytes_max),
      thread_([this] { work(); }) {}

Writer::~Writer() { stop(); }

bool Writer::push(PushRequest request, size_t bytes, PushDone done, PushRights rights) {
  Job job = Entry(Push{std::move(request), std::move(done), std::move(rights)});
  return queue_.put(job, bytes);
}

bool Writer::write(WriteTask task, size_t bytes, WriteDone done) {
  Job job = Entry(Write{std::move(task), std::move(done)});
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
    std::vector<Entry> group;
    std::vector<WriterTask> tasks;
    for (Job& job : jobs) {
      if (auto* entry = std::get_if<Entry>(&job)) group.push_back(std::move(*entry));
      if (auto* task = std::get_if<WriterTask>(&job)) tasks.push_back(std::move(*task));
    }
    if (!group.empty()) apply(group);
    for (const WriterTask& task : tasks) task(storage_);
  }
}

void Writer::apply(std::vector<Entry>& group) {
  std::set<std::string> scopes;
  const auto began = std::chrono::steady_clock::now();
  const auto applied = apply_in_transaction(group, scopes);
  if (!applied.ok()) {
    const Error& error = applied.error();
    storage_.rollback();
    is_reload_due_ = true;
    if (group.size() == 1 || is_fault_of_disk(error.code)) return fail(group, error);
    // One of them may be the cause; each in a transaction of its own, it fails alone.
    for (Entry& entry : group) {
      std::vector<Entry> alone;
      alone.push_back(std::move(entry));
      apply(alone);
    }
    return;
  }
  metrics_->committed(group.size(), began);
  warn_if_slow(group.size(), began);
  if (!scopes.empty()) watch_(scopes, before_, authority_.head());
  for (Entry& entry : group) {
    if (auto* push = std::get_if<Push>(&entry)) push->done(std::move(push->answer));
    if (auto* write = std::get_if<Write>(&entry)) write->done({});
  }
}

// After an error the caller rolls back: nothing of the group may be answered as done.
Result<void> Writer::apply_in_transaction(std::vector<Entry>& group,
                                          std::set<std::string>& scopes) {
  if (is_reload_due_) {
    TWINSTORE_TRY_VOID(authority_.reload());
    is_reload_due_ = false;
  }
  TWINSTORE_TRY_VOID(storage_.begin());
  TWINSTORE_TRY_VOID(prefetch(group));
  TWINSTORE_TRY_VOID(authority_.catch_up());
  before_ = authority_.head();
  for (Entry& entry : group) {
    if (auto* push = std::get_if<Push>(&entry)) TWINSTORE_TRY_VOID(apply_push(*push, scopes));
    if (auto* write = std::get_if<Write>(&entry)) {
      TWINSTORE_TRY_VOID(write->task(authority_, scopes));
    }
  }
  return storage_.commit();
}

Result<void> Writer::prefetch(const std::vector<Entry>& group) {
  std::vector<const PushRequest*> requests;
  for (const Entry& entry : group) {
    if (const auto* push = std::get_if<Push>(&entry)) requests.push_back(&push->request);
  }
  return authority_.prefetch(requests);
}

Result<void> Writer::apply_push(Push& push, std::set<std::string>& scopes) {
  auto effect = judged(push);
  if (effect.ok()) {
    scopes.merge(effect.value().scopes);
    push.answer = std::move(effect.value().response);
    return {};
  }
  if (!is_refusal(effect.error().code)) return effect.error();
  push.answer = effect.error();
  return {};
}

Result<PushEffect> Writer::judged(const Push& push) {
  TWINSTORE_TRY_VOID(claim_client(storage_, push.request.client, push.rights.user));
  return authority_.push(push.request, push.rights.reaches);
}

void Writer::fail(std::vector<Entry>& group, const Error& error) {
  if (is_fault_of_disk(error.code)) metrics_->commit_failed(error.code);
  if (http_status(error.code) >= 500) {
    log_error(
        "commit failed",
        {{"code", error_text(error.code)}, {"writes", group.size()}, {"detail", error.message}});
  }
  for (Entry& entry : group) {
    if (auto* push = std::get_if<Push>(&entry)) push->done(answer_for(error));
    if (auto* write = std::get_if<Write>(&entry)) write->done(error);
  }
}

}  // namespace twinstore
