// The check of all branches: what the sources know of their repositories is brought in, branches
// that are gone there are deleted, and stale ones get a task. One node makes it in each interval.
// Thread rule: any thread that may block. Next: freshness.h for what is stale.
#pragma once

#include <stop_token>

#include "refresh/refresh_context.h"
#include "twinstore/auto_refresh_state.h"

namespace twinstore {

// Goes on after a failure, and remembers the first one; the report is stored at the end.
void run_check(const RefreshContext& context, const std::stop_token& stop);

}  // namespace twinstore
