// The comparison is the textbook longest common subsequence, as a table: what is left after common
// ends are cut off is short, and where it is not one hunk is good enough.
#include "merge/merge_text.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "twinstore/limits.h"

namespace twinstore {
namespace {

using Lines = std::vector<std::string_view>;

// The lines [begin, end) of base are replaced by `lines`.
struct Hunk {
  size_t begin = 0;
  size_t end = 0;
  Lines lines;

  friend bool operator==(const Hunk&, const Hunk&) = default;
};

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const size_t length = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

// What is left of two texts after their common first and last lines.
struct Window {
  size_t first = 0;
  size_t base_end = 0;
  size_t side_end = 0;
};

Window changed_window(const Lines& base, const Lines& side) {
  Window window{0, base.size(), side.size()};
  const size_t shared = std::min(base.size(), side.size());
  while (window.first < shared && base[window.first] == side[window.first]) ++window.first;
  while (window.base_end > window.first && window.side_end > window.first &&
         base[window.base_end - 1] == side[window.side_end - 1]) {
    --window.base_end;
    --window.side_end;
  }
  return window;
}

// length(i, j): of the longest common subsequence of what follows line i of base and j of side.
class CommonLines {
 public:
  CommonLines(const Lines& base, const Lines& side, const Window& window)
      : width_(window.side_end - window.first + 1) {
    const size_t height = window.base_end - window.first + 1;
    lengths_.assign(width_ * height, 0);
    for (size_t i = height - 1; i-- > 0;) {
      for (size_t j = width_ - 1; j-- > 0;) {
        const bool is_same = base[window.first + i] == side[window.first + j];
        at(i, j) = is_same ? static_cast<uint16_t>(at(i + 1, j + 1) + 1)
                           : std::max(at(i + 1, j), at(i, j + 1));
      }
    }
  }
  uint16_t& at(size_t i, size_t j) { return lengths_[i * width_ + j]; }

 private:
  size_t width_;
  std::vector<uint16_t> lengths_;
};

Hunk hunk_of(const Lines& side, size_t base_begin, size_t base_end, size_t begin, size_t end) {
  return {base_begin, base_end,
          Lines(side.begin() + static_cast<std::ptrdiff_t>(begin),
                side.begin() + static_cast<std::ptrdiff_t>(end))};
}

std::vector<Hunk> hunks_of(const Lines& base, const Lines& side) {
  const Window window = changed_window(base, side);
  const auto [first, base_end, side_end] = window;
  const bool is_long = std::max(base_end, side_end) - first > limits::merge_text_lines_max;
  std::vector<Hunk> hunks;
  if (is_long) {
    hunks.push_back(hunk_of(side, first, base_end, first, side_end));
    return hunks;
  }
  CommonLines common(base, side, window);
  size_t i = first;
  size_t j = first;
  while (i < base_end || j < side_end) {
    const size_t base_begin = i;
    const size_t side_begin = j;
    while (i < base_end || j < side_end) {
      const bool is_match = i < base_end && j < side_end && base[i] == side[j];
      if (is_match) break;
      const bool drops_base =
          j == side_end || (i < base_end && common.at(i + 1 - first, j - first) >=
                                                common.at(i - first, j + 1 - first));
      ++(drops_base ? i : j);
    }
    if (i > base_begin || j > side_begin) {
      hunks.push_back(hunk_of(side, base_begin, i, side_begin, j));
    }
    while (i < base_end && j < side_end && base[i] == side[j]) {
      ++i;
      ++j;
    }
  }
  return hunks;
}

bool collide(const Hunk& a, const Hunk& b) { return a.begin <= b.end && b.begin <= a.end; }

}  // namespace

std::optional<std::string> merge_text(std::string_view base, std::string_view local,
                                      std::string_view remote) {
  const Lines base_lines = split(base);
  const Lines local_lines = split(local);
  const Lines remote_lines = split(remote);
  std::vector<Hunk> hunks = hunks_of(base_lines, local_lines);
  const size_t local_count = hunks.size();
  for (Hunk& hunk : hunks_of(base_lines, remote_lines)) {
    const auto locals = std::span(hunks).first(local_count);
    if (std::ranges::find(locals, hunk) != locals.end()) continue;
    const auto touches = [&](const Hunk& other) { return collide(other, hunk); };
    if (std::ranges::any_of(locals, touches)) return std::nullopt;
    hunks.push_back(std::move(hunk));
  }
  std::ranges::sort(hunks, {}, &Hunk::begin);
  std::string merged;
  size_t at = 0;
  const auto keep_until = [&](size_t end) {
    for (; at < end; ++at) merged += base_lines[at];
  };
  for (const Hunk& hunk : hunks) {
    keep_until(hunk.begin);
    for (const std::string_view line : hunk.lines) merged += line;
    at = hunk.end;
  }
  keep_until(base_lines.size());
  return merged;
}

}  // namespace twinstore
