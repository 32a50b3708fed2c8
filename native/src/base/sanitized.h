// Whether this build watches its own memory (AddressSanitizer): it then reads itself as a debugger
// does, and needs more room for the same work.
#pragma once

namespace twinstore {

#if defined(__SANITIZE_ADDRESS__)  // GCC
inline constexpr bool is_sanitized = true;
#elif defined(__has_feature)  // Clang
#if __has_feature(address_sanitizer)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace twinstore
