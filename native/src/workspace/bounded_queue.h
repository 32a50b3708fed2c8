// A queue between threads with a bound on jobs and on bytes. Whoever is refused is told so at once
// and answers 503; nothing waits without a bound.
// Thread rule: any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace twinstore {

template <class Job>
class BoundedQueue {
 public:
  BoundedQueue(size_t jobs_max, size_t bytes_max) : jobs_max_(jobs_max), bytes_max_(bytes_max) {}

  // Takes the job, or leaves it with the caller and returns false: full, or closed. One job larger
  // than the bound of bytes is taken when the queue is empty.
  [[nodiscard]] bool put(Job& job, size_t bytes = 0) {
    {
      const std::scoped_lock lock(mutex_);
      const bool is_full =
          jobs_.size() >= jobs_max_ || (!jobs_.empty() && bytes_ + bytes > bytes_max_);
      if (is_closed_ || is_full) return false;
      jobs_.emplace_back(std::move(job), bytes);
      bytes_ += bytes;
    }
    filled_.notify_one();
    return true;
  }

  // Waits for jobs and takes all of them, in order. Empty: closed, and nothing is left.
  [[nodiscard]] std::vector<Job> take_all() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return is_closed_ || !jobs_.empty(); });
    std::vector<Job> taken;
    taken.reserve(jobs_.size());
    for (auto& [job, bytes] : jobs_) taken.push_back(std::move(job));
    jobs_.clear();
    bytes_ = 0;
    return taken;
  }

  // Waits for a job and takes it. Nothing: closed, and nothing is left.
  [[nodiscard]] std::optional<Job> take_one() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return is_closed_ || !jobs_.empty(); });
    if (jobs_.empty()) return std::nullopt;
    std::optional<Job> taken(std::move(jobs_.front().first));
    bytes_ -= jobs_.front().second;
    jobs_.pop_front();
    return taken;
  }

  // No more jobs are put; those inside are still taken.
  void close() {
    {
      const std::scoped_lock lock(mutex_);
      is_closed_ = true;
    }
    filled_.notify_all();
  }

 private:
  const size_t jobs_max_;
  const size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::pair<Job, size_t>> jobs_;
  size_t bytes_ = 0;
  bool is_closed_ = false;
};

}  // namespace twinstore
