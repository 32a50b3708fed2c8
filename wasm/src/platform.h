// Time and randomness of the browser or Node, for the engine that takes both as parameters.
// Thread rule: the module's only thread.
#pragma once

#include "twinstore/clock.h"

namespace twinstore {

class PlatformClock final : public Clock {
 public:
  [[nodiscard]] int64_t now_ms() override;
};

// crypto.getRandomValues.
class PlatformIdSource final : public IdSource {
 public:
  void fill(std::span<uint8_t> bytes) override;
};

}  // namespace twinstore
