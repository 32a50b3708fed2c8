// Where the shipped collections keep what the services of refreshing read, found by name once.
// Thread rule: plain values.
#pragma once

#include "twinstore/result.h"
#include "twinstore/schema.h"

namespace twinstore {

struct CodeFields {
  const Collection* branches = nullptr;
  uint16_t branch_repo = 0;
  uint16_t branch_name = 0;
  uint16_t branch_commit = 0;
  uint16_t last_analyzed_at = 0;
  uint16_t refresh_requested_at = 0;
  const Collection* analyses = nullptr;
  uint16_t analysis_repo = 0;
  uint16_t analysis_branch = 0;
  uint16_t analysis_commit = 0;
  uint16_t analysis_timestamp = 0;

  // Points into `schema`, which outlives it. Errors: UnknownCollection when the schema has no such
  // branches and analyses.
  [[nodiscard]] static Result<CodeFields> of(const Schema& schema);
};

}  // namespace twinstore
