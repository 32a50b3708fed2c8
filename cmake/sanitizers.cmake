# TWINSTORE_SANITIZE: a list for -fsanitize, for the whole build, SQLite included.
set(TWINSTORE_SANITIZE "" CACHE STRING "Sanitizers, such as address,undefined or thread")
if(TWINSTORE_SANITIZE)
  add_compile_options(-fsanitize=${TWINSTORE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${TWINSTORE_SANITIZE})
endif()

find_program(TWINSTORE_CCACHE ccache)
if(TWINSTORE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${TWINSTORE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TWINSTORE_CCACHE})
endif()
