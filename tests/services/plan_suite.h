// What the services ask of a database costs what its answer costs, however much is stored: each
// selection is answered by an index, whose rows are nearly all wanted. `--long` asks over a million
// rows.
#pragma once

#include <cstdlib>

#include "../storage/faulty_storage.h"
#include "service_world.h"
#include "services/code_collections.h"
#include "twinstore/cleanup.h"
#include "twinstore/conflict_decisions.h"
#include "twinstore/refresh_intake.h"
#include "twinstore/refresh_task_writer.h"
#include "twinstore/staleness_reader.h"
#include "twinstore/time_text.h"

namespace twinstore::test {

inline bool is_long_run() {
  const char* text = std::getenv("TWINSTORE_LONG");
  return text != nullptr && std::string_view(text) == "1";
}

struct PlanSizes {
  int64_t repositories = 50;
  int64_t branches = 2'000;
  int64_t analyses = 4'000;
  int64_t metrics = 20'000;
  int64_t entries = 2'000;
  int64_t tasks = 2'000;

  static PlanSizes chosen() {
    if (!is_long_run()) return {};
    return {1'000, 50'000, 100'000, 1'000'000, 100'000, 50'000};
  }
};

inline constexpr int64_t plan_now_ms = 1'717'243'200'000;  // 2024-06-01T12:00:00Z
inline constexpr int64_t plan_day_ms = 86'400'000;

// Rows written straight to the storage, a transaction for many.
class PlanRows {
 public:
  PlanRows(const Schema& schema, Storage& storage) : schema_(schema), storage_(storage) {}

  void fill(const PlanSizes& sizes) {
    for (int64_t i = 0; i < sizes.repositories; ++i) {
      add("repositories", {{"repo_id", repo(i)}, {"updated_at", days_ago(i % 29)}});
    }
    for (int64_t i = 0; i < sizes.branches; ++i) {
      add("branches",
          {{"repo_id", repo(i % sizes.repositories)}, {"name", branch(i)}, {"commit_sha", "c"}});
    }
    // A few are old, most are not; those of branch 0 of repository 0 are many.
    for (int64_t i = 0; i < sizes.analyses; ++i) {
      add("analyses", {{"repo_id", repo(i % 4 == 0 ? 0 : i % sizes.repositories)},
                       {"branch_name", branch(i % 4 == 0 ? 0 : i % sizes.branches)},
                       {"commit_sha", "c" + std::to_string(i)},
                       {"analysis_timestamp", days_ago(i % 500 == 0 ? 100 : i % 29, i)}});
    }
    for (int64_t i = 0; i < sizes.metrics; ++i) {
      add("historical_metrics", {{"id", "m" + std::to_string(i)},
                                 {"repo_id", repo(i % 4 == 0 ? 0 : i % sizes.repositories)},
                                 {"branch_name", branch(i % 4 == 0 ? 0 : i % sizes.branches)},
                                 {"commit_sha", "c" + std::to_string(i)},
                                 {"metric_name", "metric" + std::to_string(i % 7)},
                                 {"recorded_at", days_ago(i % 500 == 0 ? 100 : i % 29, i)}});
    }
    for (int64_t i = 0; i < sizes.entries; ++i) {
      add("cache_entries", {{"cache_key", "k" + std::to_string(i)},
                            {"repo_id", repo(i % sizes.repositories)},
                            {"last_accessed_at", days_ago(0, i)},
                            {"expires_at", days_ago(i % 100 == 0 ? 1 : -10, i)}});
    }
    for (int64_t i = 0; i < sizes.tasks; ++i) {
      const bool is_open = i % 100 == 0;
      add("_refresh_tasks", {{"id", "t" + std::to_string(i)},
                             {"repo_id", repo(i % sizes.repositories)},
                             {"branch_name", branch(i)},
                             {"cause", "asked"},
                             {"state", is_open ? "queued" : "done"},
                             {"requested_at", days_ago(1, i)},
                             {"due_at", days_ago(is_open ? -1 : 1, i)},
                             {"finished_at", is_open ? "" : days_ago(1, i)}});
    }
    commit();
  }

  static std::string repo(int64_t i) { return "owner/repo" + std::to_string(i); }
  static std::string branch(int64_t i) { return "branch/" + std::to_string(i); }
  // Few times are equal.
  static std::string days_ago(int64_t days, int64_t more_ms = 0) {
    return time_text(plan_now_ms - days * plan_day_ms - more_ms);
  }

 private:
  void add(std::string_view name, const std::vector<std::pair<std::string, std::string>>& fields) {
    if (pending_ == 0) TWINSTORE_CHECK(storage_.begin().ok());
    const Collection& collection = *schema_.find(name);
    RowVersion row;
    row.rev = ++rev_;
    ClientId writer;
    writer.fill('a');
    row.hlc = hybrid_time_at(plan_now_ms, writer);
    for (const Field& field : collection.fields) row.values.push_back(field.default_value);
    for (const auto& [field, text] : fields) {
      if (!text.empty()) row.values[field_at(collection, field)] = text;
    }
    TWINSTORE_CHECK(storage_.save(collection, row).ok());
    if (++pending_ == 1'000) commit();
  }
  void commit() {
    if (pending_ == 0) return;
    TWINSTORE_CHECK(storage_.put("authority", "head", std::to_string(rev_)).ok());
    TWINSTORE_CHECK(storage_.commit().ok());
    pending_ = 0;
  }

  const Schema& schema_;
  Storage& storage_;
  Rev rev_ = 0;
  int pending_ = 0;
};

// Asks everything that services ask, over a storage that notes it.
class PlanQuestions {
 public:
  struct Asked {
    std::string what;
    const Collection* collection;
    Selection selection;
    bool is_count;
  };

  PlanQuestions(const Schema& schema, Storage& storage) : schema_(schema), noting_(storage) {
    noting_.selected = [this](const Collection& collection, const Selection& selection,
                              bool is_count) {
      asked_.push_back({what_, &collection, selection, is_count});
    };
  }

  std::vector<Asked> ask_all() {
    read();
    write();
    return std::move(asked_);
  }

 private:
  template <class T>
  void done(const Result<T>& result) {
    if (!result.ok()) {
      FAIL(what_ << ": " << error_text(result.error().code) << ": " << result.error().message);
    }
  }
  void read() {
    const std::string repo = PlanRows::repo(0);
    const std::string branch = PlanRows::branch(0);
    auto reader = PersistenceReader::make(schema_, noting_, clock_);
    RowsWanted page;
    page.rows_max = 100;
    done(reader);
    what_ = "branches";
    done(reader.value().branches(repo, page));
    page.after = {branch};
    done(reader.value().branches(repo, page));
    what_ = "latest analysis";
    done(reader.value().analysis(repo, branch));
    what_ = "analysis history";
    page.after = {PlanRows::days_ago(10), "c5"};
    done(reader.value().analysis_history(repo, branch, page));
    what_ = "metrics";
    page.after = {};
    done(reader.value().metrics(repo, branch, {}, page));
    page.after = {"metric1", PlanRows::days_ago(20), "m5"};
    done(reader.value().metrics(repo, branch, {}, page));
    page.after = {};
    done(reader.value().metrics(repo, branch,
                                {"metric1", PlanRows::days_ago(20), PlanRows::days_ago(10)}, page));
    auto staleness = StalenessReader::make(schema_, noting_, clock_);
    done(staleness);
    what_ = "staleness";
    done(staleness.value().get_staleness_info(repo, branch));
    what_ = "stale branches";
    done(staleness.value().get_stale_branches(PlanRows::repo(1)));
    what_ = "conflicts";
    done(open_conflict_rows(schema_, noting_));
    RefreshTasks tasks(schema_, noting_, clock_);
    what_ = "tasks";
    done(tasks.list(100));
    done(tasks.next_due());
    done(tasks.has_open(repo, branch));
    done(tasks.newest_request(repo, branch));
    what_ = "marks";
    done(read_marks(schema_, noting_, clock_, 100));
  }
  void write() {
    auto authority = Authority::open(schema_, noting_, clock_, ids_);
    done(authority);
    AuthorityTransactions transactions(*authority.value());
    what_ = "claim";
    done(run_in(transactions, [&](OwnWrites& writes) {
      return RefreshTaskWriter(writes, ids_, {}).claim_due("node", 2);
    }));
    what_ = "forget tasks";
    done(run_in(transactions, [&](OwnWrites& writes) {
      return RefreshTaskWriter(writes, ids_, {}).cleanup_completed_tasks(plan_now_ms, 100);
    }));
    what_ = "delete a branch";
    done(run_in(transactions, [&](OwnWrites& writes) -> Result<bool> {
      RowCounts counts;
      return PersistenceWriter(writes).delete_branch(PlanRows::repo(1), PlanRows::branch(1), 100,
                                                     counts);
    }));
    what_ = "cleanup";
    auto cleanup = Cleanup::make(schema_, clock_, {});
    done(cleanup);
    for (bool is_done = false; !is_done;) {
      const auto step =
          run_in(transactions, [&](OwnWrites& writes) { return cleanup.value().step(writes); });
      done(step);
      is_done = step.ok() && step.value();
    }
  }

  const Schema& schema_;
  FaultyStorage noting_;
  FakeClock clock_{plan_now_ms};
  FakeIdSource ids_{3};
  std::string what_;
  std::vector<Asked> asked_;
};

// An engine says what is wrong with how it answers; nothing is, when it touches little more than
// the `rows` that it gives.
TEST_CASE_TEMPLATE_DEFINE("plans: every question of the services is answered by an index", Engine,
                          plans_use_indexes) {
  const Schema schema = service_schema();
  Engine engine(schema);
  PlanRows(schema, *engine.storage).fill(PlanSizes::chosen());
  engine.rows_are_there();
  const auto asked = PlanQuestions(schema, *engine.storage).ask_all();
  CHECK(asked.size() > 30);
  for (const PlanQuestions::Asked& each : asked) {
    CAPTURE(each.what);
    CAPTURE(each.collection->name);
    CHECK(engine.wrong_plan(*each.collection, each.selection, each.is_count) == "");
  }
}

}  // namespace twinstore::test
