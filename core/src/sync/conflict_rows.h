// Rows of `_conflicts`: both sides of a change that did not simply take effect, as JSON by field
// name, so that every client can read and decide. docs/sync.md describes them. Nothing here stores.
// Thread rule: pure functions. Next: conflict_log.h keeps them.
#pragma once

#include <optional>
#include <string>

#include "twinstore/conflict.h"

namespace twinstore {

// The fields of `_conflicts`, in the order of core/schema/system.json.
namespace conflict_field {
enum : uint16_t {
  id,
  scope,
  collection,
  row_key,
  status,
  fields,
  base,
  local,
  remote,
  suggested,
  local_client,
  local_hlc,
  remote_rev,
  detected_at,
  resolution,
  resolved_at,
  resolved_by
};
}  // namespace conflict_field

[[nodiscard]] const Collection& conflicts_of(const Schema& schema);

// A change, the row that it met, and what `resolve` made of it.
struct Meeting {
  const Collection* collection = nullptr;
  Change change;
  ClientId sender{};
  HybridTime asked;   // the mutation's own time
  HybridTime stamp;   // the time that counts
  RowVersion remote;  // before the change; the row existed, perhaps deleted
  Resolution resolution;
  // What the row is now: its rev is the authority's newest.
  RowVersion now;
};

// True when one side did not simply take effect: a conflict, a loser, or a merge of both.
[[nodiscard]] bool is_kept(const Resolution& resolution);

// The row that tells of the meeting. Its key follows from the change, so that a repetition makes
// the same row.
[[nodiscard]] RowVersion conflict_row(const Schema& schema, const Meeting& meeting, int64_t now_ms);

// `conflict` with what the row has become as its remote side; nothing when that side is the same.
[[nodiscard]] std::optional<RowVersion> with_remote(const Schema& schema,
                                                    const RowVersion& conflict,
                                                    const RowVersion& row, const HybridTime& stamp);
// `conflict` with another choice of the same writer, or of who resolved it, as its local side.
[[nodiscard]] RowVersion with_local(const Schema& schema, const RowVersion& conflict,
                                    const Meeting& meeting, int64_t now_ms);

[[nodiscard]] std::string conflict_text(const RowVersion& conflict, uint16_t field);
[[nodiscard]] bool is_open_conflict(const RowVersion& conflict);

}  // namespace twinstore
