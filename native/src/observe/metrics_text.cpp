// The metrics in Prometheus's form.
#include <prometheus/text_serializer.h>

#include "config/version.h"
#include "observe/metrics.h"
#include "observe/process_state.h"
#include "twinstore/change.h"

namespace twinstore {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Families {
 public:
  MetricFamily& add(const std::string& name, const char* help, MetricType type) {
    return all_.emplace_back(MetricFamily{name, help, type, {}});
  }
  void counter(const std::string& name, const char* help, double value) {
    add(name, help, MetricType::Counter).metric.emplace_back().counter.value = value;
  }
  void gauge(const std::string& name, const char* help, double value) {
    add(name, help, MetricType::Gauge).metric.emplace_back().gauge.value = value;
  }
  void histogram(const std::string& name, const char* help, const Latency& latency) {
    const LatencyCounts counts = latency.counts();
    ClientMetric& metric = add(name, help, MetricType::Histogram).metric.emplace_back();
    metric.histogram.sample_count = counts.count;
    metric.histogram.sample_sum = counts.seconds;
    uint64_t sum = 0;
    for (size_t i = 0; i < latency_bounds.size(); ++i) {
      sum += counts.in_range[i];
      metric.histogram.bucket.push_back({sum, latency_bounds[i]});
    }
  }
  [[nodiscard]] const std::vector<MetricFamily>& all() const { return all_; }
  [[nodiscard]] std::vector<MetricFamily>& all() { return all_; }

 private:
  std::vector<MetricFamily> all_;
};

void label(ClientMetric& metric, const std::string& name, std::string_view value) {
  metric.label.push_back({name, std::string(value)});
}

void add_process(Families& families) {
  const ProcessState state = read_process_state();
  families.counter("process_cpu_seconds_total", "Processor time of all threads.",
                   state.cpu_seconds);
  families.gauge("process_resident_memory_bytes", "Memory that is resident.",
                 static_cast<double>(state.resident_bytes));
  families.gauge("process_open_fds", "Open file descriptors.",
                 static_cast<double>(state.open_files));
  families.gauge("process_max_fds", "How many may be open.", static_cast<double>(state.files_max));
  MetricFamily& build =
      families.add("twinstore_build_info", "1, of this version.", MetricType::Gauge);
  build.metric.emplace_back().gauge.value = 1;
  label(build.metric.back(), "version", version_text);
}

// Gauges of one name stand together: Prometheus takes a name once.
void add_gauges(Families& families, const std::vector<Metrics::Gauge>& gauges) {
  for (const Metrics::Gauge& gauge : gauges) {
    const std::string name = "twinstore_" + gauge.name;
    const bool is_same = !families.all().empty() && families.all().back().name == name;
    MetricFamily& family =
        is_same ? families.all().back() : families.add(name, gauge.help.c_str(), MetricType::Gauge);
    family.metric.emplace_back().gauge.value = gauge.value;
    if (!gauge.label.empty()) label(family.metric.back(), gauge.label, gauge.label_value);
  }
}

}  // namespace

std::string Metrics::text(const std::vector<Gauge>& gauges) const {
  Families families;
  add_process(families);
  MetricFamily& requests =
      families.add("twinstore_http_requests_total",
                   "Answered requests, by operation of the API and status.", MetricType::Counter);
  const auto add_requests = [&](std::string_view operation, const ByStatus& counts) {
    for (size_t i = 1; i < counts.size(); ++i) {
      if (counts[i].value() == 0) continue;
      ClientMetric& metric = requests.metric.emplace_back();
      metric.counter.value = static_cast<double>(counts[i].value());
      label(metric, "operation", operation);
      label(metric, "status", std::to_string(i) + "xx");
    }
  };
  for (const auto& [operation, counts] : requests_) add_requests(operation, counts);
  add_requests("other", other_requests_);

  MetricFamily& judged =
      families.add("twinstore_mutations_total",
                   "Mutations that clients pushed, by what became of them.", MetricType::Counter);
  for (size_t i = 0; i < mutations_.size(); ++i) {
    ClientMetric& metric = judged.metric.emplace_back();
    metric.counter.value = static_cast<double>(mutations_[i].value());
    label(metric, "outcome", outcome_text(static_cast<OutcomeStatus>(i)));
  }
  MetricFamily& refused =
      families.add("twinstore_refusals_total", "Pushes and pulls that were refused, by error code.",
                   MetricType::Counter);
  for (size_t i = 0; i < refusals_.size(); ++i) {
    if (refusals_[i].value() == 0) continue;
    ClientMetric& metric = refused.metric.emplace_back();
    metric.counter.value = static_cast<double>(refusals_[i].value());
    label(metric, "code", error_text(static_cast<ErrorCode>(i)));
  }
  families.counter("twinstore_pulled_rows_total", "Rows and deletions in pages that were pulled.",
                   static_cast<double>(pulled_rows.value()));
  families.counter("twinstore_commit_writes_total", "Pushes and other writes in all commits.",
                   static_cast<double>(commit_writes.value()));
  families.counter("twinstore_commits_failed_total",
                   "Transactions that the disk or the database did not take.",
                   static_cast<double>(failed_commits_.value()));
  families.counter("twinstore_live_withheld_total",
                   "Frames not sent because the peer reads too slowly; it pulls instead.",
                   static_cast<double>(frames_withheld.value()));
  families.counter("twinstore_live_slow_closed_total",
                   "Live connections closed because the peer read too slowly for too long.",
                   static_cast<double>(slow_readers_closed.value()));
  families.histogram("twinstore_http_request_seconds", "From the first byte to the answer.",
                     request);
  families.histogram("twinstore_push_seconds", "From a push's arrival until it is durable.", push);
  families.histogram("twinstore_pull_seconds", "From a pull's arrival until its page is made.",
                     pull);
  families.histogram("twinstore_commit_seconds", "One transaction of the writer.", commit);
  families.histogram("twinstore_live_delivery_seconds",
                     "From a commit until a live connection was sent it.", delivery);
  add_gauges(families, gauges);
  return prometheus::TextSerializer().Serialize(families.all());
}

}  // namespace twinstore
