// A row of `_refresh_tasks` as a value. Thread rule: pure functions.
#pragma once

#include "twinstore/refresh_tasks.h"

namespace twinstore {

[[nodiscard]] RefreshTask task_of(const RowVersion& row);
[[nodiscard]] Value state_value(TaskState state);

}  // namespace twinstore
