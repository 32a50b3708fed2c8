# twinstore_warnings: for our own targets. Third-party code is compiled without it.
add_library(twinstore_warnings INTERFACE)
target_compile_options(twinstore_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror>)
# GCC 12 warns of overlaps inside std::string's own operator+ (gcc.gnu.org/PR105651), and, when it
# optimises, of the string inside a std::variant that holds another alternative (PR105593 and its
# kin). The sanitizers' builds and clang-tidy see what is really uninitialized.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(twinstore_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict;-Wno-maybe-uninitialized>)
endif()
