// Hybrid logical time: wall clock milliseconds, a counter, and the client that made it.
// Kulkarni et al., "Logical Physical Clocks" (2014). Sorts the same as a value and as text.
// Thread rule: HybridTime is a value; HybridClock is used by one thread at a time.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "twinstore/clock.h"
#include "twinstore/limits.h"
#include "twinstore/result.h"

namespace twinstore {

// 16 characters of 0-9 a-v: 80 random bits.
using ClientId = std::array<char, limits::client_id_bytes>;

[[nodiscard]] ClientId new_client_id(IdSource& ids);
// Errors: InvalidArgument when the text is not 16 characters of 0-9 a-v.
[[nodiscard]] Result<ClientId> parse_client_id(std::string_view text);
[[nodiscard]] inline std::string_view client_text(const ClientId& id) {
  return {id.data(), id.size()};
}

struct HybridTime {
  uint64_t ticks = 0;  // 48 bits of milliseconds, then 16 bits of counter; 0 means "never"
  ClientId client{};

  [[nodiscard]] bool is_set() const { return ticks != 0; }
  [[nodiscard]] int64_t wall_ms() const { return static_cast<int64_t>(ticks >> 16); }
  // 16 hexadecimal digits, then the client: 32 characters. Requires is_set().
  [[nodiscard]] std::string text() const;
  // The smallest time later than this one, by the same client.
  [[nodiscard]] HybridTime next() const { return {ticks + 1, client}; }

  friend auto operator<=>(const HybridTime&, const HybridTime&) = default;
};

// Errors: InvalidArgument when the text is not of the form that text() writes.
[[nodiscard]] Result<HybridTime> parse_hybrid_time(std::string_view text);
[[nodiscard]] HybridTime hybrid_time_at(int64_t wall_ms, const ClientId& client);

// Invariants: (1) tick() is later than every time it returned or observed before;
// (2) the caller stores last() in the transaction that uses a tick, and restores it on open.
class HybridClock {
 public:
  HybridClock(Clock& clock, ClientId client) : clock_(clock), client_(client) {}

  [[nodiscard]] HybridTime tick();
  // A time seen from elsewhere: later ticks come after it.
  void observe(const HybridTime& seen);
  [[nodiscard]] uint64_t last() const { return last_ticks_; }
  void restore(uint64_t last_ticks);
  [[nodiscard]] const ClientId& client() const { return client_; }
  void rename(ClientId client) { client_ = client; }

 private:
  Clock& clock_;
  ClientId client_;
  uint64_t last_ticks_ = 0;
};

}  // namespace twinstore
