// Somebody else's HTTP server on this machine: it answers each request with bytes that the test
// chose, over TCP or TLS, and keeps what it was sent. Thread rule: one test.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace twinstore::test {

class ScriptedServer {
 public:
  // `certificate` and `key` are PEM files; empty: no TLS. An empty answer is never given: the
  // connection stays open until the server goes.
  explicit ScriptedServer(std::string answer, const std::string& certificate = {},
                          const std::string& key = {});
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }
  // Head and body of each request.
  [[nodiscard]] std::vector<std::string> requests();
  // Waits until a request has come.
  void await_request();

 private:
  template <class Stream>
  void serve(Stream& stream);
  void accept_all(const std::string& certificate, const std::string& key);

  std::string answer_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  uint16_t port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> requests_;
  std::vector<boost::asio::ip::tcp::socket> held_;
  std::thread thread_;
};

// "HTTP/1.1 STATUS …" with a body of that length.
std::string http_answer(int status, const std::string& body, const std::string& headers = {});

}  // namespace twinstore::test
