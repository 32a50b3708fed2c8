#include "base/system.h"

#include <openssl/rand.h>

#include <chrono>

#include "twinstore/result.h"

namespace twinstore {

int64_t SystemClock::now_ms() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void SystemIdSource::fill(std::span<uint8_t> bytes) {
  TWINSTORE_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
}

}  // namespace twinstore
