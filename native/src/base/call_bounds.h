// How long a blocking call to something outside may take: until somebody asks it to stop, or until
// a deadline. Thread rule: a value; the stop is asked for from any thread.
#pragma once

#include <chrono>
#include <stop_token>

namespace twinstore {

struct CallBounds {
  std::stop_token stop;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();

  [[nodiscard]] bool is_over() const {
    return stop.stop_requested() || std::chrono::steady_clock::now() >= deadline;
  }
};

}  // namespace twinstore
