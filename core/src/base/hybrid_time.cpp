#include "twinstore/hybrid_time.h"

#include <algorithm>

namespace twinstore {
namespace {

constexpr std::string_view client_alphabet = "0123456789abcdefghijklmnopqrstuv";
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr size_t ticks_text_bytes = 16;

}  // namespace

ClientId new_client_id(IdSource& ids) {
  std::array<uint8_t, limits::client_id_bytes> bytes{};
  ids.fill(bytes);
  ClientId id{};
  for (size_t i = 0; i < id.size(); ++i) id[i] = client_alphabet[bytes[i] % 32];
  return id;
}

Result<ClientId> parse_client_id(std::string_view text) {
  ClientId id{};
  if (text.size() != id.size() ||
      text.find_first_not_of(client_alphabet) != std::string_view::npos) {
    return Error{ErrorCode::InvalidArgument, "a client id is 16 characters of 0-9 and a-v"};
  }
  std::ranges::copy(text, id.begin());
  return id;
}

std::string HybridTime::text() const {
  std::string out(ticks_text_bytes, '0');
  for (size_t i = 0; i < ticks_text_bytes; ++i) {
    out[ticks_text_bytes - 1 - i] = hex_digits[(ticks >> (4 * i)) & 0xf];
  }
  out.append(client.data(), client.size());
  return out;
}

Result<HybridTime> parse_hybrid_time(std::string_view text) {
  const Error malformed{ErrorCode::InvalidArgument, "a hybrid time is 16 hex digits and a client"};
  if (text.size() != ticks_text_bytes + limits::client_id_bytes) return malformed;
  uint64_t ticks = 0;
  for (const char c : text.substr(0, ticks_text_bytes)) {
    const size_t digit = hex_digits.find(c);
    if (digit == std::string_view::npos) return malformed;
    ticks = (ticks << 4) | digit;
  }
  if (ticks == 0) return malformed;
  TWINSTORE_TRY(const ClientId client, parse_client_id(text.substr(ticks_text_bytes)));
  return HybridTime{ticks, client};
}

HybridTime hybrid_time_at(int64_t wall_ms, const ClientId& client) {
  return {static_cast<uint64_t>(std::max<int64_t>(wall_ms, 1)) << 16, client};
}

HybridTime HybridClock::tick() {
  const uint64_t wall = hybrid_time_at(clock_.now_ms(), client_).ticks;
  last_ticks_ = std::max(last_ticks_ + 1, wall);
  return {last_ticks_, client_};
}

void HybridClock::observe(const HybridTime& seen) {
  last_ticks_ = std::max(last_ticks_, seen.ticks);
}

void HybridClock::restore(uint64_t last_ticks) { last_ticks_ = std::max(last_ticks_, last_ticks); }

}  // namespace twinstore
