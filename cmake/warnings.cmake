# twinstore_warnings: for our own targets. Third-party code is compiled without it.
add_library(twinstore_warnings INTERFACE)
target_compile_options(twinstore_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror>)
