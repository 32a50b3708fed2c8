// SHA-256 (FIPS 180-4) and HMAC (RFC 2104), for content ids, the chain of mutations and cursors.
// Core carries its own because OpenSSL is not part of the WebAssembly build.
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace twinstore {

using Sha256 = std::array<uint8_t, 32>;

[[nodiscard]] Sha256 sha256(std::string_view bytes);
[[nodiscard]] Sha256 hmac_sha256(std::string_view key, std::string_view bytes);
// The first `bytes` of the hash as lower-case hexadecimal text.
[[nodiscard]] std::string hex_text(const Sha256& hash, size_t bytes = 32);

}  // namespace twinstore
