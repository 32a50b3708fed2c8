#include "refresh/workspace_refresh.h"

namespace twinstore {
namespace {

RefreshSources sources_of(std::string_view workspace, const RefreshConfig& config) {
  std::vector<RefreshSourceConfig> own;
  for (const RefreshSourceConfig& source : config.sources) {
    if (source.workspace == workspace) own.push_back(source);
  }
  return RefreshSources(own);
}

}  // namespace

Result<std::unique_ptr<WorkspaceRefresh>> WorkspaceRefresh::make(Workspace& workspace,
                                                                 std::string_view name,
                                                                 const RefreshConfig& config) {
  std::unique_ptr<WorkspaceRefresh> refresh(
      new WorkspaceRefresh(workspace, sources_of(name, config)));
  TWINSTORE_TRY(auto persistence, DataPersistenceService::make(workspace.schema(), refresh->clock_,
                                                               refresh->transactions_, "refresh"));
  refresh->persistence_ = std::make_unique<DataPersistenceService>(std::move(persistence));
  TWINSTORE_TRY(auto manager,
                DataRefreshManager::make(*refresh->persistence_, config.stale_threshold_hours));
  refresh->manager_ = std::make_unique<DataRefreshManager>(std::move(manager));
  refresh->service_ = std::make_unique<AutoRefreshService>(
      *refresh->persistence_, *refresh->manager_, refresh->sources_,
      AutoRefreshOptions{config.check_interval_minutes, config.auto_refresh_enabled,
                         config.policy});
  return refresh;
}

}  // namespace twinstore
