#include "refresh/refresh_check.h"

#include <algorithm>
#include <set>

#include "base/log.h"
#include "refresh/refresh_limits.h"
#include "refresh/refresh_run.h"
#include "services/code_collections.h"
#include "services/ingest_base.h"
#include "twinstore/persistence_writer.h"
#include "twinstore/refresh_intake.h"

namespace twinstore {
namespace {

using Rows = std::vector<RefreshedRow>;

std::set<std::string> branch_names(const Rows& rows) {
  std::set<std::string> names;
  for (const RefreshedRow& row : rows) {
    if (row.collection == BranchInfo::collection) names.insert(row.record.value("name", ""));
  }
  return names;
}

class Check {
 public:
  Check(const RefreshContext& context, const std::stop_token& stop)
      : context_(context), transactions_(context.persistence.transactions()), stop_(stop) {}

  CheckReport run() {
    for (const std::string& repo_id : context_.sources.named_repositories()) {
      if (stop_.stop_requested()) return report_;
      note(survey(repo_id));
    }
    const auto repositories = stored_repositories();
    note(repositories);
    if (!repositories.ok()) return report_;
    for (const std::string& repo_id : repositories.value()) {
      if (stop_.stop_requested()) return report_;
      if (context_.sources.find(repo_id) != nullptr) note(queue_stale(repo_id));
    }
    note(forget_old_tasks());
    return report_;
  }

 private:
  template <class T>
  void note(const Result<T>& result) {
    if (result.ok() || !report_.error.empty()) return;
    report_.error = result.error().message;
  }

  Result<void> survey(const std::string& repo_id) {
    const RefreshSources::Source& source = *context_.sources.find(repo_id);
    const auto deadline = std::chrono::steady_clock::now() + source.time_limit;
    TWINSTORE_TRY(const auto found, source.refresher->survey(repo_id, CallBounds{stop_, deadline}));
    if (!found) return {};
    const std::string_view name = source.refresher->source();
    Rows some;
    for (const RefreshedRow& row : found->rows) {
      some.push_back(row);
      if (some.size() < limits::refresh_rows_per_commit && &row != &found->rows.back()) continue;
      TWINSTORE_TRY_VOID(
          transactions_.run([&](OwnWrites& writes) { return hand_in(writes, name, some); }));
      some.clear();
    }
    TWINSTORE_TRY(const auto gone, gone_branches(name, repo_id, branch_names(found->rows)));
    for (const std::string& branch : gone) TWINSTORE_TRY_VOID(remove(name, repo_id, branch));
    return {};
  }

  // Those that the source handed in and does not know any more. What others brought stays.
  Result<std::vector<std::string>> gone_branches(std::string_view source,
                                                 const std::string& repo_id,
                                                 const std::set<std::string>& known) {
    TWINSTORE_TRY(const auto stored, context_.persistence.get_branches(repo_id));
    const Collection& branches = *context_.persistence.schema().find(BranchInfo::collection);
    return read_in(transactions_, [&](Storage& storage) -> Result<std::vector<std::string>> {
      std::vector<std::string> gone;
      for (const BranchInfo& branch : stored) {
        if (known.contains(branch.name)) continue;
        TWINSTORE_TRY(const IngestBase base,
                      IngestBase::read(storage, source, branches, {repo_id, branch.name}));
        if (!base.is_empty()) gone.push_back(branch.name);
      }
      return gone;
    });
  }

  // In the source's name, so that a branch of this name that it has again comes back.
  Result<void> remove(std::string_view source, const std::string& repo_id,
                      const std::string& branch) {
    for (bool is_done = false; !is_done;) {
      TWINSTORE_TRY(is_done, run_in(transactions_, [&](OwnWrites& any) -> Result<bool> {
                      OwnWrites writes(any.authority(), any.scopes(), source);
                      RowCounts counts;
                      return PersistenceWriter(writes).delete_branch(
                          repo_id, branch, limits::delete_batch_rows, counts);
                    }));
    }
    return {};
  }

  Result<std::vector<std::string>> stored_repositories() {
    const Collection& rows = *context_.persistence.schema().find(RepositoryInfo::collection);
    Selection all;
    for (size_t i = rows.key_count; i < rows.fields.size(); ++i) {
      all.left_out.push_back(static_cast<uint16_t>(i));
    }
    return read_in(transactions_, [&](Storage& storage) -> Result<std::vector<std::string>> {
      std::vector<std::string> names;
      TWINSTORE_TRY_VOID(storage.select(rows, all, [&](const Collection&, RowVersion&& row) {
        names.push_back(std::get<std::string>(row.values.front()));
        return true;
      }));
      return names;
    });
  }

  Result<void> queue_stale(const std::string& repo_id) {
    TWINSTORE_TRY(const StaleBranches stale, context_.manager.get_stale_branches(repo_id));
    report_.stale_branches += static_cast<int64_t>(stale.branches().size());
    std::vector<std::string> some;
    for (const auto& [name, staleness] : stale.branches()) {
      some.push_back(name);
      if (some.size() < limits::refresh_marks_max && name != stale.branches().back().first) {
        continue;
      }
      TWINSTORE_TRY(const size_t queued, queue(repo_id, some));
      report_.queued += static_cast<int64_t>(queued);
      some.clear();
    }
    return {};
  }

  // What would pass the bound waits for the next check.
  Result<size_t> queue(const std::string& repo_id, std::vector<std::string> names) {
    return run_in(transactions_, [&](OwnWrites& writes) -> Result<size_t> {
      RefreshTaskWriter tasks(writes, context_.ids, context_.policy);
      Selection waiting;
      waiting.equal = {{task_field::state, std::string(task_state_text(TaskState::Queued))}};
      Storage& storage = writes.authority().storage();
      TWINSTORE_TRY(const int64_t open,
                    storage.count(refresh_tasks_of(writes.authority().schema()), waiting));
      const auto bound = static_cast<int64_t>(limits::refresh_open_tasks_max);
      const auto room = static_cast<size_t>(std::max<int64_t>(0, bound - open));
      if (names.size() > room) names.resize(room);
      return take_stale(tasks, repo_id, names);
    });
  }

  Result<void> forget_old_tasks() {
    using std::chrono::milliseconds;
    const int64_t before =
        context_.persistence.clock().now_ms() - milliseconds(limits::refresh_tasks_kept).count();
    for (size_t step = limits::delete_batch_rows; step == limits::delete_batch_rows;) {
      TWINSTORE_TRY(step, run_in(transactions_, [&](OwnWrites& writes) {
                      RefreshTaskWriter tasks(writes, context_.ids, context_.policy);
                      return tasks.cleanup_completed_tasks(before, limits::delete_batch_rows);
                    }));
    }
    return {};
  }

  const RefreshContext& context_;
  Transactions& transactions_;
  const std::stop_token& stop_;
  CheckReport report_;
};

}  // namespace

void run_check(const RefreshContext& context, const std::stop_token& stop) {
  const CheckReport report = Check(context, stop).run();
  if (!report.error.empty()) log_warn("refresh check failed detail=" + report.error);
  const auto noted = context.persistence.transactions().run(
      [&](OwnWrites& writes) { return note_check(writes.authority().storage(), report); });
  if (!noted.ok()) log_warn("refresh check not noted detail=" + noted.error().message);
}

}  // namespace twinstore
