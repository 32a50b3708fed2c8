// What a server counts about itself, for Prometheus and for the dashboard. Every name and label is
// in docs/operations.md; no label takes a value from outside, so that their number is bounded.
// Thread rule: any thread, after add_operation(). metrics_text.cpp alone knows prometheus-cpp.
// Next: latency.h, sampler.h for the same over time.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observe/latency.h"
#include "twinstore/protocol.h"

namespace twinstore {

class Count {
 public:
  void add(uint64_t more = 1) { value_.fetch_add(more, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Metrics {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // An operation of the API whose requests are counted under its own name; others are "other".
  // Before threads start.
  void add_operation(const std::string& operation);
  void request_answered(std::string_view operation, int status, Time began);
  // Whatever carried it, a push from its arrival until its answer may go.
  void pushed(const Result<PushResponse>& answer, Time began);
  void pulled(const Result<PullResponse>& page, Time began);
  void committed(size_t writes, Time began);
  void refused(ErrorCode code);
  // The disk or the database did not take it. Until the next commit nothing is stored.
  void commit_failed(ErrorCode code);
  // Why nothing is stored; nothing: the last commit was.
  [[nodiscard]] std::optional<ErrorCode> failing() const;
  // A frame that tells of a commit has gone to one live connection.
  void told(Time committed) { delivery.add(std::chrono::steady_clock::now() - committed); }

  // What is now, asked for when somebody looks. The name is without "twinstore_".
  struct Gauge {
    std::string name;
    std::string help;
    double value = 0;
    std::string label{};  // of one label, and its value; empty: none
    std::string label_value{};
  };
  // The Prometheus text format, 0.0.4.
  [[nodiscard]] std::string text(const std::vector<Gauge>& gauges) const;

  Latency request;
  Latency push;
  Latency pull;
  Latency commit;
  Latency delivery;
  Count pulled_rows;
  Count commit_writes;  // pushes and other writes that the commits held
  Count frames_withheld;
  Count slow_readers_closed;
  [[nodiscard]] uint64_t mutations(OutcomeStatus status) const;
  // Answers with a status of 5xx.
  [[nodiscard]] uint64_t failures() const;

 private:
  static constexpr size_t status_classes = 6;  // by the status's first digit
  static constexpr size_t outcomes = 5;
  using ByStatus = std::array<Count, status_classes>;
  std::map<std::string, ByStatus, std::less<>> requests_;
  ByStatus other_requests_;
  std::array<Count, outcomes> mutations_;
  Count failed_commits_;
  std::atomic<int> failing_{-1};  // an ErrorCode
  std::array<Count, static_cast<size_t>(ErrorCode::Internal) + 1> refusals_;
};

}  // namespace twinstore
