// The connections that are open, so that the server can bound them, reach the live ones by number
// and end them all. Thread rule: the I/O thread, but for the counts.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace twinstore {

// One open connection. It is told to end, and does so when it has answered what it is at.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void close_soon() = 0;
};

class LivePeer {
 public:
  virtual ~LivePeer() = default;
  // Sends, or withholds and rings the doorbell of `scope`, when the peer reads too slowly.
  // `committed` is when there was something to tell.
  virtual void deliver(const std::string& scope, std::shared_ptr<const std::string> text,
                       std::chrono::steady_clock::time_point committed) = 0;
  // Closes when who is connected may not be any more.
  virtual void recheck() = 0;
};

class Connections {
 public:
  void add(Connection& connection) {
    open_.insert(&connection);
    size_ = open_.size();
  }
  void remove(Connection& connection) {
    open_.erase(&connection);
    size_ = open_.size();
    if (on_change_) on_change_();
  }
  // From any thread.
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t live_size() const { return live_size_; }

  [[nodiscard]] uint64_t add_live(LivePeer& peer) {
    live_.emplace(++last_live_, &peer);
    live_size_ = live_.size();
    return last_live_;
  }
  void remove_live(uint64_t id) {
    live_.erase(id);
    live_size_ = live_.size();
  }
  // Null when it has left.
  [[nodiscard]] LivePeer* find_live(uint64_t id) const {
    const auto at = live_.find(id);
    return at == live_.end() ? nullptr : at->second;
  }

  void recheck_live() {
    for (const auto& [id, peer] : std::map(live_)) peer->recheck();
  }
  // How many connections the address has.
  [[nodiscard]] size_t& of_address(const std::string& address) { return by_address_[address]; }
  void forget_address(const std::string& address) { by_address_.erase(address); }

  void close_all_soon() {
    for (Connection* connection : std::set(open_)) connection->close_soon();
  }
  // Called whenever a connection has left.
  void on_change(std::function<void()> call) { on_change_ = std::move(call); }

 private:
  std::set<Connection*> open_;
  std::map<uint64_t, LivePeer*> live_;
  std::map<std::string, size_t> by_address_;
  uint64_t last_live_ = 0;
  std::atomic<size_t> size_{0};
  std::atomic<size_t> live_size_{0};
  std::function<void()> on_change_;
};

// Keeps a connection in the list while it exists.
class ConnectionPlace {
 public:
  ConnectionPlace(Connections& connections, Connection& connection)
      : connections_(connections), connection_(connection) {
    connections_.add(connection_);
  }
  ConnectionPlace(const ConnectionPlace&) = delete;
  ConnectionPlace& operator=(const ConnectionPlace&) = delete;
  ~ConnectionPlace() { connections_.remove(connection_); }

 private:
  Connections& connections_;
  Connection& connection_;
};

// Counts a connection of an address while it exists.
class AddressPlace {
 public:
  AddressPlace(Connections& connections, std::string address)
      : connections_(connections),
        address_(std::move(address)),
        number_(++connections_.of_address(address_)) {}
  AddressPlace(const AddressPlace&) = delete;
  AddressPlace& operator=(const AddressPlace&) = delete;
  ~AddressPlace() {
    if (--connections_.of_address(address_) == 0) connections_.forget_address(address_);
  }
  [[nodiscard]] const std::string& address() const { return address_; }
  // The how manyth of its address this was when it came.
  [[nodiscard]] size_t number() const { return number_; }

 private:
  Connections& connections_;
  std::string address_;
  size_t number_;
};

}  // namespace twinstore
