// What the parts of refreshing share on one node. Thread rule: as its services; `ids` is used
// inside transactions alone.
#pragma once

#include <string>

#include "refresh/refresh_sources.h"
#include "twinstore/refresh_manager.h"
#include "twinstore/refresh_task_writer.h"

namespace twinstore {

struct RefreshContext {
  DataPersistenceService& persistence;
  DataRefreshManager& manager;
  const RefreshSources& sources;
  IdSource& ids;
  std::string owner;  // this node's name on leases: of one life of the process
  RefreshPolicy policy;
  int64_t interval_ms = 0;  // between checks
  bool is_enabled_default = false;
};

}  // namespace twinstore
