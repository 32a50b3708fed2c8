// Running one task that this node has claimed: its source is asked, and what it answers is stored
// in the transaction that ends the task, so that a task that was given up meanwhile stores nothing.
// Thread rule: any thread that may block. Next: refreshers/refresher.h.
#pragma once

#include "base/call_bounds.h"
#include "refresh/refresh_context.h"

namespace twinstore {

// The task is done, has failed, waits for another attempt, or, when `stop` was asked for, waits as
// if it had not been claimed. A failure to store even that is logged; the lease ends by itself.
void run_task(const RefreshContext& context, const RefreshTask& task, const std::stop_token& stop);

// Hands in what a source answered, as its own; at most one transaction's worth. Errors: those of
// the records, with the collection; what rejects one; as Storage.
[[nodiscard]] Result<void> hand_in(OwnWrites& writes, std::string_view source,
                                   const std::vector<RefreshedRow>& rows);

}  // namespace twinstore
