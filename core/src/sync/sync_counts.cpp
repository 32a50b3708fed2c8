#include "sync/sync_counts.h"

#include "sync/authority_records.h"

namespace twinstore {
namespace {

constexpr std::array<Policy, 3> policies{Policy::LatestWins, Policy::Merge, Policy::Manual};

// The members of the record, which are those of the JSON that users see.
template <class Statistics, class Visit>
void visit_counts(Statistics& statistics, Visit visit) {
  visit("applied", statistics.applied);
  visit("merged", statistics.merged);
  visit("superseded", statistics.superseded);
  visit("rejected", statistics.rejected);
  visit("conflicts", statistics.conflicts);
  visit("conflicts_resolved", statistics.conflicts_resolved);
}

JsonValue strategies_of(const SyncStatistics& statistics) {
  JsonValue out = JsonValue::object();
  for (const Policy policy : policies) {
    out[std::string(policy_text(policy))] = statistics.by_strategy[static_cast<size_t>(policy)];
  }
  return out;
}

Result<SyncStatistics> read_record(Storage& storage) {
  SyncStatistics statistics;
  TWINSTORE_TRY(const auto text, storage.get(records::authority, records::statistics));
  if (!text) return statistics;
  TWINSTORE_TRY(const JsonValue json, parse_json(*text));
  visit_counts(statistics,
               [&](const char* name, int64_t& count) { count = json.value(name, int64_t{0}); });
  const JsonValue strategies = json.value("by_strategy", JsonValue::object());
  for (const Policy policy : policies) {
    statistics.by_strategy[static_cast<size_t>(policy)] =
        strategies.value(std::string(policy_text(policy)), int64_t{0});
  }
  return statistics;
}

JsonValue json_of(const SyncStatistics& statistics) {
  JsonValue json = JsonValue::object();
  visit_counts(statistics, [&](const char* name, int64_t count) { json[name] = count; });
  json["by_strategy"] = strategies_of(statistics);
  return json;
}

Policy policy_of(const Meeting& meeting) {
  const Resolution& met = meeting.resolution;
  for (const auto* fields : {&met.conflicts, &met.merged, &met.lost, &met.replaced}) {
    if (!fields->empty()) return meeting.collection->policy_of(fields->front());
  }
  return meeting.collection->policy;
}

}  // namespace

void SyncCounts::add(OutcomeStatus status) {
  is_changed_ = true;
  switch (status) {
    case OutcomeStatus::Applied: ++counted_.applied; return;
    case OutcomeStatus::Merged: ++counted_.merged; return;
    case OutcomeStatus::Superseded: ++counted_.superseded; return;
    case OutcomeStatus::Conflict: ++counted_.conflicts; return;
    case OutcomeStatus::Rejected: ++counted_.rejected; return;
  }
}

void SyncCounts::add(const Meeting& meeting) {
  ++counted_.by_strategy[static_cast<size_t>(policy_of(meeting))];
}

Result<void> SyncCounts::write(Storage& storage) {
  if (!is_changed_) return {};
  TWINSTORE_TRY(SyncStatistics stored, read_record(storage));
  stored.applied += counted_.applied;
  stored.merged += counted_.merged;
  stored.superseded += counted_.superseded;
  stored.rejected += counted_.rejected;
  stored.conflicts += counted_.conflicts;
  stored.conflicts_resolved += counted_.conflicts_resolved;
  for (size_t i = 0; i < policies.size(); ++i) stored.by_strategy[i] += counted_.by_strategy[i];
  *this = SyncCounts();
  return storage.put(records::authority, records::statistics, json_of(stored).dump());
}

Result<SyncStatistics> read_sync_statistics(const Schema& schema, Storage& storage) {
  TWINSTORE_TRY(SyncStatistics statistics, read_record(storage));
  TWINSTORE_TRY(statistics.conflicts_open,
                storage.count(conflicts_of(schema),
                              {.equal = {{conflict_field::status, std::string("open")}}}));
  return statistics;
}

std::string statistics_json(const SyncStatistics& statistics) {
  JsonValue json = json_of(statistics);
  json["conflicts_open"] = statistics.conflicts_open;
  return json.dump();
}

}  // namespace twinstore
