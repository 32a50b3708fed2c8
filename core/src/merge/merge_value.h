// MERGE for one field that both sides changed: base is what the writer saw, local what it wrote,
// remote what is stored. The rules stand in docs/sync.md. Thread rule: pure functions.
#pragma once

#include "twinstore/schema.h"

namespace twinstore {

struct ThreeSides {
  const Value& base;
  const Value& local;
  const Value& remote;
  bool is_local_later = false;  // decides where a rule has to choose
};

struct MergedValue {
  Value value;
  bool is_lost = false;  // something that local changed did not take effect
};

// By the field's rule; `manual` decides as `latest` does, for a suggestion. Requires values of the
// field's type. A merge that would be longer than a value may be is decided as by `latest`.
[[nodiscard]] MergedValue merge_value(const Field& field, const ThreeSides& sides);

}  // namespace twinstore
