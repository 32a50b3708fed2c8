#include "refresh/refresh_look.h"

#include <algorithm>

#include "refresh/refresh_limits.h"
#include "twinstore/auto_refresh_state.h"
#include "twinstore/refresh_intake.h"

namespace twinstore {
namespace {

constexpr int64_t never_ms = INT64_MAX;

struct Agenda {
  bool has_marks = false;
  int64_t check_ms = never_ms;
  int64_t due_ms = never_ms;
  int64_t renew_ms = never_ms;  // the first lease of this node's
  std::vector<std::string> lost;
};

Result<void> read_running(const RefreshContext& context, const RefreshWork& work,
                          RefreshTasks& tasks, Agenda& agenda) {
  for (const std::string& id : work.running) {
    const auto task = tasks.get(id);
    if (!task.ok() && task.error().code != ErrorCode::NotFound) return task.error();
    const bool is_ours = task.ok() && task.value().state == TaskState::Running &&
                         task.value().lease_owner == context.owner;
    if (!is_ours) {
      agenda.lost.push_back(id);
      continue;
    }
    const int64_t expires = task.value().lease_expires_ms.value_or(0);
    agenda.renew_ms = std::min(agenda.renew_ms, expires - context.policy.lease_ms / 2);
  }
  return {};
}

Result<Agenda> read_agenda(const RefreshContext& context, const RefreshWork& work,
                           Storage& storage) {
  Agenda agenda;
  const Schema& schema = context.persistence.schema();
  Clock& clock = context.persistence.clock();
  RefreshTasks tasks(schema, storage, clock);
  TWINSTORE_TRY(const auto marks, read_marks(schema, storage, clock, 1));
  agenda.has_marks = !marks.empty();
  TWINSTORE_TRY(const bool is_enabled,
                is_auto_refresh_enabled(storage, context.is_enabled_default));
  if (is_enabled && !work.is_checking && work.idle > 0) {
    TWINSTORE_TRY(agenda.check_ms, tasks.next_check(context.interval_ms));
  }
  if (work.idle > 0) {
    TWINSTORE_TRY(const auto due, tasks.next_due());
    agenda.due_ms = due.value_or(never_ms);
  }
  TWINSTORE_TRY_VOID(read_running(context, work, tasks, agenda));
  return agenda;
}

// What one transaction has done.
struct Taken {
  bool is_check_due = false;
  std::vector<RefreshTask> started;
  size_t others = 0;  // marks and leases
};

Result<Taken> take(const RefreshContext& context, const RefreshWork& work, const Agenda& agenda,
                   OwnWrites& writes) {
  Taken taken;
  RefreshTaskWriter tasks(writes, context.ids, context.policy);
  const int64_t now = writes.authority().clock().now_ms();
  if (agenda.has_marks) {
    TWINSTORE_TRY(taken.others, take_marks(writes, tasks, limits::refresh_marks_max));
  }
  if (agenda.renew_ms <= now) {
    for (const std::string& id : work.running) {
      TWINSTORE_TRY(const bool is_renewed, tasks.renew(id, context.owner));
      taken.others += is_renewed ? 1 : 0;
    }
  }
  size_t idle = work.idle;
  if (agenda.check_ms <= now) {
    TWINSTORE_TRY(taken.is_check_due, tasks.claim_check(context.interval_ms));
    if (taken.is_check_due) --idle;
  }
  if (idle > 0) {
    TWINSTORE_TRY(taken.started, tasks.claim_due(context.owner, idle));
  }
  return taken;
}

}  // namespace

Result<RefreshLook> look(const RefreshContext& context, const RefreshWork& work) {
  Transactions& transactions = context.persistence.transactions();
  TWINSTORE_TRY(const Agenda agenda, read_in(transactions, [&](Storage& storage) {
                  return read_agenda(context, work, storage);
                }));
  RefreshLook found;
  found.lost = agenda.lost;
  found.next_ms = std::min({agenda.check_ms, agenda.due_ms, agenda.renew_ms});
  const int64_t now = context.persistence.clock().now_ms();
  if (!agenda.has_marks && found.next_ms > now) return found;
  TWINSTORE_TRY(Taken taken, run_in(transactions, [&](OwnWrites& writes) {
                  return take(context, work, agenda, writes);
                }));
  found.is_check_due = taken.is_check_due;
  found.started = std::move(taken.started);
  // What is due may be a branch that runs already: then only what is written changes anything.
  const bool has_moved = found.is_check_due || !found.started.empty() || taken.others > 0;
  found.next_ms = has_moved ? now : never_ms;
  return found;
}

}  // namespace twinstore
