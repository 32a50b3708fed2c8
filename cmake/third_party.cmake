# Third-party code that both builds use: SQLite, nlohmann/json, doctest. scripts/setup puts it
# under TWINSTORE_DEPS; whoever brings their own sets the variable.
if(DEFINED ENV{TWINSTORE_DEPS})
  set(default_deps $ENV{TWINSTORE_DEPS})
elseif(EXISTS ${CMAKE_SOURCE_DIR}/.deps/path)
  file(READ ${CMAKE_SOURCE_DIR}/.deps/path default_deps)
  string(STRIP "${default_deps}" default_deps)
endif()
set(TWINSTORE_DEPS "${default_deps}" CACHE PATH "Folder with sqlite/ and include/")
if(NOT EXISTS ${TWINSTORE_DEPS}/sqlite/sqlite3.c)
  message(FATAL_ERROR "SQLite is not under TWINSTORE_DEPS='${TWINSTORE_DEPS}'; run scripts/setup")
endif()

# One version everywhere: what the browser stores, the server reads.
# sqlite.org/compile.html; SQLITE_OMIT_X is tested with #ifdef, so it is never set to 0.
add_library(twinstore_sqlite STATIC ${TWINSTORE_DEPS}/sqlite/sqlite3.c)
target_include_directories(twinstore_sqlite SYSTEM PUBLIC ${TWINSTORE_DEPS}/sqlite)
# -Os in the browser: 56 kB less to load, and no slower in a load of rows.
target_compile_options(twinstore_sqlite PRIVATE -w $<IF:$<BOOL:${EMSCRIPTEN}>,-Os,-O2>)
target_compile_definitions(twinstore_sqlite PRIVATE
  SQLITE_DQS=0 SQLITE_TEMP_STORE=3 SQLITE_DEFAULT_MEMSTATUS=0 SQLITE_LIKE_DOESNT_MATCH_BLOBS
  SQLITE_OMIT_DEPRECATED SQLITE_OMIT_SHARED_CACHE SQLITE_OMIT_LOAD_EXTENSION)
# For row_watch.h, which sees the functions in SQLite's header only with this.
target_compile_definitions(twinstore_sqlite PUBLIC SQLITE_ENABLE_PREUPDATE_HOOK)
if(EMSCRIPTEN)
  # What is loaded counts: nothing here asks for these, and they are 2 kB of what is shipped.
  target_compile_definitions(twinstore_sqlite PRIVATE SQLITE_THREADSAFE=0 SQLITE_OS_OTHER=1
    SQLITE_OMIT_UTF16 SQLITE_OMIT_TRACE SQLITE_OMIT_INCRBLOB SQLITE_OMIT_TCL_VARIABLE
    SQLITE_OMIT_PROGRESS_CALLBACK SQLITE_OMIT_COMPILEOPTION_DIAGS)
else()
  find_package(Threads REQUIRED)
  target_compile_definitions(twinstore_sqlite PRIVATE SQLITE_THREADSAFE=2)
  target_link_libraries(twinstore_sqlite PRIVATE Threads::Threads m)
endif()

# JSON_NOEXCEPTION for every translation unit: the inline code must be the same everywhere.
add_library(twinstore_json INTERFACE)
target_include_directories(twinstore_json SYSTEM INTERFACE ${TWINSTORE_DEPS}/include)
target_compile_definitions(twinstore_json INTERFACE JSON_NOEXCEPTION)
add_library(nlohmann_json::nlohmann_json ALIAS twinstore_json)

add_library(twinstore_doctest INTERFACE)
target_include_directories(twinstore_doctest SYSTEM INTERFACE ${TWINSTORE_DEPS}/include)
target_compile_definitions(twinstore_doctest INTERFACE
  DOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS)
add_library(doctest::doctest ALIAS twinstore_doctest)
