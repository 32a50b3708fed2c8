# twinstore_warnings: for our own targets. Third-party code is compiled without it.
add_library(twinstore_warnings INTERFACE)
target_compile_options(twinstore_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror>)
# GCC 12 warns of overlaps inside std::string's own operator+ (gcc.gnu.org/PR105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(twinstore_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
