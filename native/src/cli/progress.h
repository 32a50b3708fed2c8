// How far a long command is, on stderr: a bar that redraws itself on a terminal, a line for every
// stage and tenth elsewhere, so that a log stays readable. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace twinstore {

class Progress {
 public:
  Progress();
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::string_view stage, int64_t done, int64_t total);
  // A sentence of its own, above the bar.
  void say(std::string_view sentence);
  // Ends the bar's line.
  void finish();

 private:
  void draw(int64_t percent);

  bool is_terminal_;
  bool is_drawn_ = false;
  std::string stage_;
  int64_t shown_ = -1;  // per cent on a terminal, tenths elsewhere
};

}  // namespace twinstore
