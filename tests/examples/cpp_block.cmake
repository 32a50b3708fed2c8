# Writes the block of C++ that a page of the documentation prints into a file of its own.
#   cmake -D page=docs/cpp.md -D out=FILE -P cpp_block.cmake
file(READ ${page} text)
string(FIND "${text}" "\n```cpp\n" begin)
if(begin EQUAL -1)
  message(FATAL_ERROR "${page} prints no C++")
endif()
math(EXPR begin "${begin} + 8")
string(SUBSTRING "${text}" ${begin} -1 rest)
string(FIND "${rest}" "\n```" end)
string(SUBSTRING "${rest}" 0 ${end} block)
file(WRITE ${out} "${block}\n")
