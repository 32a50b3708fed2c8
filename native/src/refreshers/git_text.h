// Text out of a git repository in the form that rows take: UTF-8, RFC 3339 times, first paragraphs.
// Thread rule: pure functions.
#pragma once

#include <git2.h>

#include <string>
#include <string_view>

namespace twinstore {

// `bytes` unchanged when they are UTF-8 without NUL and surrogates; otherwise each byte that cannot
// be read becomes U+FFFD, so that a name in another encoding still gives a row.
[[nodiscard]] std::string valid_utf8(std::string_view bytes);

// The first paragraph of the commit's message on one line, as `git log --format=%s` prints it.
// A message that declares ISO-8859-1 is converted. Cut at limits::commit_summary_bytes_max.
[[nodiscard]] std::string commit_summary(git_commit* commit);

// YYYY-MM-DDTHH:MM:SS±HH:MM in the time's own offset, as `git log --format=%cI` prints it. Times
// outside the years 0001–9999 are moved to their nearest end.
[[nodiscard]] std::string offset_time_text(const git_time& time);

}  // namespace twinstore
