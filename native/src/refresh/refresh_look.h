// A look at what is to be done: marks become tasks, due tasks are claimed for this node, leases on
// what it runs are renewed, and the check of all branches is claimed when it is time. Nothing is
// written unless there is something to do.
// Thread rule: as Transactions. Next: auto_refresh_service.h, which looks again and again.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "refresh/refresh_context.h"

namespace twinstore {

// What this node does already.
struct RefreshWork {
  std::set<std::string> running;  // tasks, by id
  bool is_checking = false;
  size_t idle = 0;  // how many more it can run
};

struct RefreshLook {
  bool is_check_due = false;         // this node is to make the check
  std::vector<RefreshTask> started;  // these are this node's from now
  std::vector<std::string> lost;     // of what it runs: given up, or taken over by another node
  int64_t next_ms = 0;               // when to look again, if nothing is written until then
};

// Errors: as Transactions; what was claimed by then is claimed again once its lease has expired.
[[nodiscard]] Result<RefreshLook> look(const RefreshContext& context, const RefreshWork& work);

}  // namespace twinstore
