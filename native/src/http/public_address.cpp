#include "http/public_address.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace twinstore {
namespace {

namespace ip = boost::asio::ip;

struct Range4 {
  uint32_t first;
  int bits;
};

constexpr uint32_t v4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array special4{
    Range4{v4(0, 0, 0, 0), 8},      Range4{v4(10, 0, 0, 0), 8},     Range4{v4(100, 64, 0, 0), 10},
    Range4{v4(127, 0, 0, 0), 8},    Range4{v4(169, 254, 0, 0), 16}, Range4{v4(172, 16, 0, 0), 12},
    Range4{v4(192, 0, 0, 0), 24},   Range4{v4(192, 0, 2, 0), 24},   Range4{v4(192, 88, 99, 0), 24},
    Range4{v4(192, 168, 0, 0), 16}, Range4{v4(198, 18, 0, 0), 15},  Range4{v4(198, 51, 100, 0), 24},
    Range4{v4(203, 0, 113, 0), 24}, Range4{v4(224, 0, 0, 0), 4},    Range4{v4(240, 0, 0, 0), 4}};

bool is_public4(uint32_t address) {
  return std::ranges::none_of(special4, [&](const Range4& range) {
    const int shift = 32 - range.bits;
    return address >> shift == range.first >> shift;
  });
}

bool begins_with(const ip::address_v6::bytes_type& bytes, std::initializer_list<uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

uint32_t v4_at(const ip::address_v6::bytes_type& bytes, size_t at) {
  return v4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool is_public6(const ip::address_v6& address) {
  const auto bytes = address.to_bytes();
  if (address.is_v4_mapped()) return is_public4(v4_at(bytes, 12));
  if (begins_with(bytes, {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return is_public4(v4_at(bytes, 12));  // translated, RFC 6052
  }
  if (begins_with(bytes, {0x20, 0x02})) return is_public4(v4_at(bytes, 2));  // 6to4, RFC 3056
  // Of global unicast (RFC 4291 §2.4), not what is for protocols, among them Teredo, and examples.
  const bool is_global = (bytes[0] & 0xe0) == 0x20;
  const bool is_protocol = begins_with(bytes, {0x20, 0x01}) && (bytes[2] & 0xfe) == 0;
  const bool is_example = begins_with(bytes, {0x20, 0x01, 0x0d, 0xb8}) ||
                          (begins_with(bytes, {0x3f, 0xff}) && (bytes[2] & 0xf0) == 0);
  return is_global && !is_protocol && !is_example;
}

}  // namespace

bool is_public_address(const ip::address& address) {
  return address.is_v4() ? is_public4(address.to_v4().to_uint()) : is_public6(address.to_v6());
}

}  // namespace twinstore
