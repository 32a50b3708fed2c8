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
# With several sources compiled as one, GCC takes a type of an anonymous namespace for one of a
# header, and Clang a local name for one that hides a file-level name of another file. GCC's own
# -Wshadow sees the joined sources too, and Clang's what is compiled one by one.
set(joined $<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(twinstore_warnings INTERFACE $<${joined}:-Wno-subobject-linkage>)
else()
  target_compile_options(twinstore_warnings INTERFACE $<${joined}:-Wno-shadow>)
endif()
# Clang sees into GCC 12's std::stable_sort, which uses a function that C++17 deprecated.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND NOT EMSCRIPTEN)
  target_compile_options(twinstore_warnings INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-deprecated-declarations>)
endif()
