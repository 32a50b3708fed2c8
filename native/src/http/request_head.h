// The raw head of a request, held against the strict grammar of RFC 9112 before anything reads it:
// what two programs could read in two ways is how a request is smuggled past one of them.
// Thread rule: pure functions.
#pragma once

#include <string_view>

namespace twinstore {

// `head` ends with the empty line. Nothing when it is in order, else what is wrong with it: a line
// that ends in anything but CRLF, a folded header, white space where none may be, a control
// character, several lengths, a length that is no plain number, or a coding other than chunked.
[[nodiscard]] std::string_view wrong_head(std::string_view head);

}  // namespace twinstore
