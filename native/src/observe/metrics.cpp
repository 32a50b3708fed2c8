#include "observe/metrics.h"

namespace twinstore {

void Metrics::add_operation(const std::string& operation) { requests_.try_emplace(operation); }

void Metrics::request_answered(std::string_view operation, int status, Time began) {
  request.add(std::chrono::steady_clock::now() - began);
  const auto at = requests_.find(operation);
  ByStatus& counts = at == requests_.end() ? other_requests_ : at->second;
  const auto status_class = static_cast<size_t>(status / 100);
  counts[status_class < status_classes ? status_class : 0].add();
}

void Metrics::pushed(const Result<PushResponse>& answer, Time began) {
  push.add(std::chrono::steady_clock::now() - began);
  if (!answer.ok()) return refused(answer.error().code);
  for (const Outcome& outcome : answer.value().outcomes) {
    mutations_[static_cast<size_t>(outcome.status)].add();
  }
}

void Metrics::pulled(const Result<PullResponse>& page, Time began) {
  pull.add(std::chrono::steady_clock::now() - began);
  if (!page.ok()) return refused(page.error().code);
  pulled_rows.add(page.value().rows.size());
}

void Metrics::committed(size_t writes, Time began) {
  commit.add(std::chrono::steady_clock::now() - began);
  commit_writes.add(writes);
  failing_ = -1;
}

void Metrics::commit_failed(ErrorCode code) {
  failed_commits_.add();
  failing_ = static_cast<int>(code);
}

std::optional<ErrorCode> Metrics::failing() const {
  const int code = failing_;
  return code < 0 ? std::nullopt : std::optional(static_cast<ErrorCode>(code));
}

void Metrics::refused(ErrorCode code) { refusals_[static_cast<size_t>(code)].add(); }

uint64_t Metrics::mutations(OutcomeStatus status) const {
  return mutations_[static_cast<size_t>(status)].value();
}

uint64_t Metrics::failures() const {
  constexpr size_t server_error = 5;
  uint64_t count = other_requests_[server_error].value();
  for (const auto& [operation, counts] : requests_) count += counts[server_error].value();
  return count;
}

}  // namespace twinstore
