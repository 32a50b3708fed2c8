// The version of the native server and command line. The build passes TWINSTORE_VERSION.
#pragma once

#include <string_view>

namespace twinstore {

#ifdef TWINSTORE_VERSION
inline constexpr std::string_view version_text = TWINSTORE_VERSION;
#else
inline constexpr std::string_view version_text = "0.1.0";
#endif

}  // namespace twinstore
