#include "twinstore/record.h"

#include <algorithm>

namespace twinstore {
namespace {

auto find_stamp(auto& stamps, uint16_t field) {
  return std::ranges::lower_bound(stamps, field, {}, [](const auto& entry) { return entry.first; });
}

}  // namespace

const HybridTime& RowVersion::stamp(uint16_t field) const {
  const auto at = find_stamp(stamps, field);
  return at != stamps.end() && at->first == field ? at->second : hlc;
}

void RowVersion::set_stamp(uint16_t field, const HybridTime& time) {
  const auto at = find_stamp(stamps, field);
  const bool listed = at != stamps.end() && at->first == field;
  if (time == hlc) {
    if (listed) stamps.erase(at);
  } else if (listed) {
    at->second = time;
  } else {
    stamps.emplace(at, field, time);
  }
}

const HybridTime& RowVersion::latest_stamp() const {
  const HybridTime* latest = &hlc;
  for (const auto& [field, time] : stamps) {
    if (time > *latest) latest = &time;
  }
  return *latest;
}

}  // namespace twinstore
