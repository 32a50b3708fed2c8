// The real Clock and IdSource of a process: the system's time and OpenSSL's random numbers.
// Thread rule: each object is used by one thread at a time; any number of objects may exist.
#pragma once

#include "twinstore/clock.h"

namespace twinstore {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] int64_t now_ms() override;
};

class SystemIdSource final : public IdSource {
 public:
  // Ends the process when the system has no randomness: ids that repeat would mix up clients.
  void fill(std::span<uint8_t> bytes) override;
};

}  // namespace twinstore
