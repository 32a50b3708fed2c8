// The parts of `resolve`: what counts as seen, fields one by one, and deletions.
// Thread rule: pure functions.
#pragma once

#include "twinstore/conflict.h"

namespace twinstore {

// The writer had seen the stored version of what it changed: the row as a whole, this version of
// it, or it is the writer's own earlier work.
[[nodiscard]] bool is_seen(const Change& change, const HybridTime& stamp, const RowVersion& stored,
                           const HybridTime& stored_stamp, const HybridTime& seen_stamp);

// A change made on top of what it saw is later than it, whatever the clocks say.
[[nodiscard]] HybridTime later_than(const HybridTime& stamp, const HybridTime& seen);

// What the change makes of a field that holds `current`.
[[nodiscard]] Value changed_value(const Field& field, const Value& current,
                                  const FieldChange& change);

// An insert or update of a live row, field by field, each by its policy.
[[nodiscard]] Resolution merge_fields(const Collection& collection, const Change& change,
                                      const HybridTime& stamp, const RowVersion& stored);

// An insert or update that met a deletion it had not seen.
[[nodiscard]] Resolution edit_deleted(const Collection& collection, const Change& change,
                                      const HybridTime& stamp, const RowVersion& tombstone);

[[nodiscard]] Resolution delete_row(const Collection& collection, const Change& change,
                                    const HybridTime& stamp, const RowVersion& stored);

}  // namespace twinstore
