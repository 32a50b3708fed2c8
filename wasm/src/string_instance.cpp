// std::string once more: Emscripten's libc++ is compiled without any inlining, so that each
// character that a JSON reader takes would be three calls.
#include <string>

template class std::basic_string<char>;
