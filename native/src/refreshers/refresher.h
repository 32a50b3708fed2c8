// What does the refreshing: a program outside of the database that knows a repository, asked for
// one branch, or for what branches there are. Git repositories, webhooks and commands are such.
// Thread rule: any thread, several at a time; each call blocks its own until it has the answer.
// Next: refresh/refresh_run.h, which asks and stores.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call_bounds.h"
#include "twinstore/result.h"

namespace twinstore {

struct RefreshRequest {
  std::string task_id;
  std::string repo_id;
  std::string branch_name;
  std::string cause;   // asked, marked or stale
  int64_t now_ms = 0;  // when it is asked: the time of the analysis, unless the answer names one
};

// A record of a shipped collection, to be handed in.
struct RefreshedRow {
  std::string collection;
  nlohmann::ordered_json record;
};

struct Refreshed {
  std::vector<RefreshedRow> rows;
  std::string analyzed_commit;  // empty: the one asked will hand in the analysis later, by itself
};

class Refresher {
 public:
  virtual ~Refresher() = default;

  // Under whose name rows are handed in: what it handed in last is the base of what it hands in
  // next.
  [[nodiscard]] virtual std::string_view source() const = 0;
  // Returns soon after the bounds end, with Unavailable. Errors that are retryable are worth
  // another attempt; any other is not.
  [[nodiscard]] virtual Result<Refreshed> refresh(const RefreshRequest& request,
                                                  const CallBounds& bounds) = 0;
  // The repository and all its branches as they are, without analyses; branches that `source`
  // handed in and that are not among them are gone. Nothing: this one cannot tell.
  [[nodiscard]] virtual Result<std::optional<Refreshed>> survey(const std::string& /*repo_id*/,
                                                                const CallBounds& /*bounds*/) {
    return std::optional<Refreshed>{};
  }
};

}  // namespace twinstore
