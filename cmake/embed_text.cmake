# embed_text(target file symbol header): compiles the text of `file` into `target` as the constant
# `twinstore::symbol`, declared in the generated header twinstore/HEADER.
function(embed_text target file symbol header)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/generated)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  file(CONFIGURE OUTPUT ${folder}/twinstore/${header} @ONLY CONTENT
"// Generated from the text of a file.
#pragma once

#include <string_view>

namespace twinstore {
extern const std::string_view @symbol@;
}
")
  file(CONFIGURE OUTPUT ${folder}/${symbol}.cpp @ONLY CONTENT
"#include \"twinstore/@header@\"

namespace twinstore {
const std::string_view @symbol@ = R\"text(@text@)text\";
}
")
  target_sources(${target} PRIVATE ${folder}/${symbol}.cpp)
  target_include_directories(${target} PUBLIC ${folder})
endfunction()
