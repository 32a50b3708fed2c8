#include "refresh/refresh_sources.h"

#include <algorithm>
#include <set>

#include "auth/principal.h"
#include "refreshers/command_refresher.h"
#include "refreshers/git_refresher.h"
#include "refreshers/webhook_refresher.h"

namespace twinstore {
namespace {

std::unique_ptr<Refresher> made(const GitSourceConfig& git) {
  return std::make_unique<GitRefresher>(git.path);
}
std::unique_ptr<Refresher> made(const WebhookSourceConfig& webhook) {
  return std::make_unique<WebhookRefresher>(webhook);
}
std::unique_ptr<Refresher> made(const CommandSourceConfig& command) {
  return std::make_unique<CommandRefresher>(command);
}

bool is_pattern(std::string_view text) { return text.ends_with('*'); }

}  // namespace

RefreshSources::RefreshSources(const std::vector<RefreshSourceConfig>& configured) {
  for (const RefreshSourceConfig& each : configured) {
    sources_.push_back({each.repositories,
                        std::visit([](const auto& by) { return made(by); }, each.by),
                        each.time_limit});
  }
}

const RefreshSources::Source* RefreshSources::find(std::string_view repo_id) const {
  const auto found = std::ranges::find_if(sources_, [&](const Source& source) {
    return std::ranges::any_of(source.repositories, [&](const std::string& pattern) {
      return matches_scope(pattern, repo_id);
    });
  });
  return found == sources_.end() ? nullptr : &*found;
}

std::vector<std::string> RefreshSources::named_repositories() const {
  std::set<std::string> names;
  for (const Source& source : sources_) {
    for (const std::string& name : source.repositories) {
      if (!is_pattern(name)) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace twinstore
