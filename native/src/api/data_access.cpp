#include "api/data_access.h"

#include <algorithm>
#include <charconv>

#include "api/request_body.h"
#include "config/server_limits.h"
#include "http/problem.h"

namespace twinstore {
namespace {

// What is left of a request once its body is taken.
using CallHead = std::shared_ptr<const Call>;

CallHead head_of(Call call) {
  call.request.body.clear();
  call.body = JsonValue();
  return std::make_shared<const Call>(std::move(call));
}

// About what the handler holds of it: as much as was sent.
size_t bytes_of(const Call& call) {
  const std::string_view text = call.request.header("Content-Length");
  size_t bytes = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return read.ec == std::errc() ? std::min(bytes, limits::request_body_bytes_max) : sizeof(Call);
}

HttpResponse answer_of(const CallHead& call, Result<HttpResponse> answer) {
  if (answer.ok()) return std::move(answer).value();
  return problem(call->request, answer.error());
}

Result<HttpResponse> read_in_transaction(const Call& call, Storage& storage,
                                         const ReadAnswer& answer) {
  TWINSTORE_TRY(const Transaction transaction, Transaction::begin(storage));
  return answer(call, storage);
}

}  // namespace

HttpResponse json_answer(std::string text, int status) {
  HttpResponse response;
  response.status = status;
  response.set("Content-Type", "application/json");
  response.set("Cache-Control", "no-store");
  response.body = std::move(text);
  return response;
}

DataAccess::DataAccess(const Schema& schema, Clock& clock) : schema_(schema), clock_(clock) {
  for (const Policy policy : {Policy::LatestWins, Policy::Merge, Policy::Manual}) {
    auto rules = schema.with_policy({.collection = {}, .field = {}, .policy = policy});
    TWINSTORE_CHECK(rules.ok());  // it names nothing that could be missing
    rules_.emplace(policy_text(policy), std::move(rules).value());
  }
}

const Schema* DataAccess::rules(std::string_view strategy) const {
  const auto found = rules_.find(strategy);
  return found == rules_.end() ? nullptr : &found->second;
}

void DataAccess::read(Call call, const Respond& respond, ReadAnswer answer) const {
  const CallHead kept = head_of(std::move(call));
  const bool is_queued =
      kept->workspace->read([kept, respond, run = std::move(answer)](ChangeFeed& feed) {
        respond(answer_of(kept, read_in_transaction(*kept, feed.storage(), run)));
      });
  if (!is_queued) respond(problem(kept->request, too_busy()));
}

void DataAccess::write(Call call, const Respond& respond, WriteAnswer answer) const {
  const auto step = [run = std::move(answer)](
                        const Call& head,
                        OwnWrites& writes) -> Result<std::optional<HttpResponse>> {
    TWINSTORE_TRY(HttpResponse response, run(head, writes));
    return std::optional(std::move(response));
  };
  write_steps(std::move(call), respond, step, [] {});
}

struct DataAccess::Steps {
  CallHead call;
  Respond respond;
  StepAnswer step;
  std::function<void()> committed;
};

void DataAccess::write_steps(Call call, const Respond& respond, StepAnswer step,
                             std::function<void()> committed) const {
  run_step(std::make_shared<const Steps>(
      Steps{head_of(std::move(call)), respond, std::move(step), std::move(committed)}));
}

void DataAccess::run_step(const std::shared_ptr<const Steps>& steps) const {
  const auto answer = std::make_shared<std::optional<HttpResponse>>();
  WriteTask task = [steps, answer](Authority& authority,
                                   std::set<std::string>& scopes) -> Result<void> {
    OwnWrites writes(authority, scopes);
    TWINSTORE_TRY(*answer, steps->step(*steps->call, writes));
    return {};
  };
  const auto done = [this, steps, answer](const Result<void>& stored) {
    if (!stored.ok()) return steps->respond(problem(steps->call->request, stored.error()));
    if (*answer) return steps->respond(std::move(**answer));
    steps->committed();
    run_step(steps);
  };
  steps->call->workspace->write(std::move(task), bytes_of(*steps->call), done);
}

}  // namespace twinstore
