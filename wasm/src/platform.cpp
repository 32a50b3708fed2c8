#include "platform.h"

#include <emscripten/html5.h>
#include <unistd.h>

#include "twinstore/result.h"

namespace twinstore {

int64_t PlatformClock::now_ms() { return static_cast<int64_t>(emscripten_date_now()); }

void PlatformIdSource::fill(std::span<uint8_t> bytes) {
  TWINSTORE_CHECK(getentropy(bytes.data(), bytes.size()) == 0);  // at most 256 bytes at once
}

}  // namespace twinstore
