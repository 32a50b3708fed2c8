// What waits to be sent to one live peer, within a bound. When it is full, changes of a scope are
// withheld and one "behind" stands for them: the peer pulls, and gets whatever is newest then. A
// peer that lets too many be withheld is given up. Thread rule: the I/O thread.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "config/server_limits.h"

namespace twinstore {

class Outgoing {
 public:
  using Text = std::shared_ptr<const std::string>;
  using Time = std::chrono::steady_clock::time_point;
  struct Item {
    Text text;
    Time committed{};   // when there was something to tell; the epoch: an answer
    std::string rings;  // the scope whose doorbell this is; empty: none
  };
  enum class Added : uint8_t { Queued, Withheld, GiveUp };

  // Always queued: an answer, of which a connection has one at a time.
  void add_answer(Text text) { append({std::move(text), {}, {}}); }

  // `behind` is the doorbell of the scope, sent in its place when there is no room.
  Added add_changes(const std::string& scope, Text text, Time committed,
                    const std::string& behind) {
    if (bytes_ + text->size() <= limits::live_queue_bytes_max) {
      append({std::move(text), committed, {}});
      return Added::Queued;
    }
    if (++withheld_ > limits::live_drops_max) return Added::GiveUp;
    if (ringing_.insert(scope).second) {
      append({std::make_shared<const std::string>(behind), committed, scope});
    }
    return Added::Withheld;
  }

  // The next to send. Once a doorbell is out, later changes of its scope need another one.
  [[nodiscard]] std::optional<Item> take() {
    if (queue_.empty()) return std::nullopt;
    Item item = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= item.text->size();
    if (!item.rings.empty()) ringing_.erase(item.rings);
    if (queue_.empty()) withheld_ = 0;
    return item;
  }

  [[nodiscard]] bool is_empty() const { return queue_.empty(); }
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  void append(Item item) {
    bytes_ += item.text->size();
    queue_.push_back(std::move(item));
  }

  std::deque<Item> queue_;
  std::set<std::string> ringing_;
  size_t bytes_ = 0;
  size_t withheld_ = 0;
};

}  // namespace twinstore
