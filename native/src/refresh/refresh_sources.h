// Who refreshes which repository, as the configuration says. Thread rule: const after construction.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/refresh_config.h"
#include "refreshers/refresher.h"

namespace twinstore {

class RefreshSources {
 public:
  struct Source {
    std::vector<std::string> repositories;  // "owner/name", "owner/*" or "*"
    std::unique_ptr<Refresher> refresher;
    std::chrono::seconds time_limit{300};
  };

  RefreshSources() = default;
  explicit RefreshSources(std::vector<Source> sources) : sources_(std::move(sources)) {}
  explicit RefreshSources(const std::vector<RefreshSourceConfig>& configured);

  // The first that names the repository; null: none does.
  [[nodiscard]] const Source* find(std::string_view repo_id) const;
  [[nodiscard]] const std::vector<Source>& all() const { return sources_; }
  [[nodiscard]] bool is_empty() const { return sources_.empty(); }
  // The repositories that a source names one by one, and that it serves.
  [[nodiscard]] std::vector<std::string> named_repositories() const;

 private:
  std::vector<Source> sources_;
};

}  // namespace twinstore
