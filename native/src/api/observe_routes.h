// The routes by which an operator's tools look at the server: whether it takes requests, and its
// metrics. Thread rule: as the router's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/route.h"
#include "observe/metrics.h"

namespace twinstore {

struct ObserveDoors {
  std::shared_ptr<const Metrics> metrics;
  std::function<std::vector<Metrics::Gauge>()> gauges;
  // Reads from the database, and says whether it could.
  std::function<void(std::function<void(Result<void>)>)> check_database;
  // "ready", or why this server takes no requests: "draining".
  std::function<std::string()> standing;
};

void add_observe_routes(Api& api, ObserveDoors doors);

}  // namespace twinstore
