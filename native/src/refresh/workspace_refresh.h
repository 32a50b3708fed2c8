// Refreshing as a part of an open workspace: the services over it, and those of the configured
// sources that serve it. A workspace that is closed refreshes nothing; when it is opened again it
// goes on with what waits. Thread rule: as AutoRefreshService.
#pragma once

#include <memory>
#include <string_view>

#include "refresh/auto_refresh_service.h"
#include "workspace/workspace_transactions.h"

namespace twinstore {

class WorkspaceRefresh {
 public:
  // `workspace`, whose name it is, outlives it. Errors: UnknownCollection for a schema without the
  // shipped collections; as check_stale_threshold.
  [[nodiscard]] static Result<std::unique_ptr<WorkspaceRefresh>> make(Workspace& workspace,
                                                                      std::string_view name,
                                                                      const RefreshConfig& config);

  [[nodiscard]] AutoRefreshService& service() { return *service_; }
  [[nodiscard]] double stale_threshold_hours() const { return manager_->stale_threshold_hours(); }

 private:
  WorkspaceRefresh(Workspace& workspace, RefreshSources sources)
      : transactions_(workspace), sources_(std::move(sources)) {}

  SystemClock clock_;
  WorkspaceTransactions transactions_;
  RefreshSources sources_;
  std::unique_ptr<DataPersistenceService> persistence_;
  std::unique_ptr<DataRefreshManager> manager_;
  std::unique_ptr<AutoRefreshService> service_;
};

}  // namespace twinstore
