// HTTP and WebSocket clients over plain blocking sockets, so that a test can also send what a
// well-behaved library would not. Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace twinstore::test {

class RawSocket {
 public:
  // Check is_open() afterwards.
  explicit RawSocket(uint16_t port);
  ~RawSocket() { close(); }
  RawSocket(RawSocket&& other) noexcept;
  RawSocket& operator=(RawSocket&& other) noexcept;

  [[nodiscard]] bool is_open() const { return file_ >= 0; }
  // False when the peer is gone.
  bool send(std::string_view bytes);
  // Nothing when the peer closed or reset the connection.
  std::optional<std::string> read_exactly(size_t bytes);
  // Up to and with `end`.
  std::optional<std::string> read_until(std::string_view end);
  std::string read_to_end();
  // Says that nothing more is sent; reading goes on.
  void finish();
  // Waits so many milliseconds at most for the peer to close; what it sends meanwhile is kept.
  bool is_closed_within(int ms);
  void close();

 private:
  bool fill();
  int file_ = -1;
  std::string buffer_;
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// One keep-alive connection.
class HttpClient {
 public:
  explicit HttpClient(uint16_t port) : socket_(port), port_(port) {}

  bool send(std::string_view method, std::string_view target, std::string_view headers,
            std::string_view body);
  std::optional<HttpAnswer> read(bool is_head = false);
  std::optional<HttpAnswer> ask(std::string_view method, std::string_view target,
                                std::string_view headers = {}, std::string_view body = {});
  // POST /sync with a JSON body.
  std::optional<HttpAnswer> sync(std::string_view message);
  [[nodiscard]] RawSocket& socket() { return socket_; }

 private:
  RawSocket socket_;
  uint16_t port_;
};

struct LiveFrame {
  int opcode = 0;  // 1 text, 8 close, 9 ping
  std::string payload;
  [[nodiscard]] int close_code() const;
};

class LiveClient {
 public:
  // The status of the handshake is in status().
  explicit LiveClient(uint16_t port, std::string_view headers = {});
  [[nodiscard]] int status() const { return status_; }
  bool send_text(std::string_view text) { return send(1, text); }
  bool send(int opcode, std::string_view payload);
  // Answers pings by itself. Nothing when the connection is gone.
  std::optional<LiveFrame> read();
  [[nodiscard]] RawSocket& socket() { return socket_; }

 private:
  RawSocket socket_;
  int status_ = 0;
};

}  // namespace twinstore::test
