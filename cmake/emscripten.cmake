# The toolchain file of the emcc that is in PATH; scripts/setup puts one there.
find_program(TWINSTORE_EMCC emcc REQUIRED)
file(REAL_PATH ${TWINSTORE_EMCC} TWINSTORE_EMCC)
get_filename_component(TWINSTORE_EMSCRIPTEN ${TWINSTORE_EMCC} DIRECTORY)
include(${TWINSTORE_EMSCRIPTEN}/cmake/Modules/Platform/Emscripten.cmake)
