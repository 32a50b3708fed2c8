#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace twinstore {
namespace {

constexpr int64_t bar_cells = 40;

int64_t percent_of(int64_t done, int64_t total) {
  return total <= 0 ? 100 : std::clamp<int64_t>(done * 100 / total, 0, 100);
}

void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace

Progress::Progress() : is_terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::show(std::string_view stage, int64_t done, int64_t total) {
  const int64_t percent = percent_of(done, total);
  const int64_t step = is_terminal_ ? percent : percent / 10;
  if (stage == stage_ && step == shown_) return;
  stage_ = stage;
  shown_ = step;
  if (is_terminal_) return draw(percent);
  put(stage_ + " " + std::to_string(percent) + " %\n");
}

void Progress::draw(int64_t percent) {
  const auto full = static_cast<size_t>(percent * bar_cells / 100);
  const std::string bar =
      std::string(full, '#') + std::string(static_cast<size_t>(bar_cells) - full, '.');
  put("\r\033[K[" + bar + "] " + std::to_string(percent) + " % " + stage_);
  is_drawn_ = true;
}

void Progress::say(std::string_view sentence) {
  finish();
  put(std::string(sentence) + "\n");
}

void Progress::finish() {
  if (is_drawn_) put("\n");
  is_drawn_ = false;
}

}  // namespace twinstore
