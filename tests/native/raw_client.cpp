#include "raw_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace twinstore::test {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// The status of a status line, and the headers behind it.
HttpAnswer parse_head(std::string_view head) {
  HttpAnswer answer;
  answer.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  size_t at = head.find("\r\n") + 2;
  while (at < head.size() && head.substr(at, 2) != "\r\n") {
    const size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    const size_t colon = line.find(": ");
    answer.headers[lower(line.substr(0, colon))] = std::string(line.substr(colon + 2));
    at = end + 2;
  }
  return answer;
}

}  // namespace

RawSocket::RawSocket(uint16_t port) : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int yes = 1;
  ::setsockopt(file_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) close();
}

RawSocket::RawSocket(RawSocket&& other) noexcept
    : file_(std::exchange(other.file_, -1)), buffer_(std::move(other.buffer_)) {}

RawSocket& RawSocket::operator=(RawSocket&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

void RawSocket::close() {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

bool RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawSocket::fill() {
  std::array<char, 16384> block;
  const ssize_t got = ::recv(file_, block.data(), block.size(), 0);
  if (got <= 0) return false;
  buffer_.append(block.data(), static_cast<size_t>(got));
  return true;
}

std::optional<std::string> RawSocket::read_exactly(size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!fill()) return std::nullopt;
  }
  std::string out = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return out;
}

std::optional<std::string> RawSocket::read_until(std::string_view end) {
  size_t at = 0;
  while ((at = buffer_.find(end)) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  return read_exactly(at + end.size());
}

std::string RawSocket::read_to_end() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

bool RawSocket::is_closed_within(int ms) {
  pollfd waiting{file_, POLLIN, 0};
  while (::poll(&waiting, 1, ms) > 0) {
    if (!fill()) return true;
  }
  return false;
}

void RawSocket::finish() { ::shutdown(file_, SHUT_WR); }

bool HttpClient::send(std::string_view method, std::string_view target, std::string_view headers,
                      std::string_view body) {
  std::string text = std::string(method) + " " + std::string(target) +
                     " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n" +
                     std::string(headers);
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  return socket_.send(text + std::string(body));
}

std::optional<HttpAnswer> HttpClient::read(bool is_head) {
  const auto head = socket_.read_until("\r\n\r\n");
  if (!head || head->size() < 12) return std::nullopt;
  HttpAnswer answer = parse_head(*head);
  if (answer.status == 100) return read(is_head);
  const auto length = answer.headers.find("content-length");
  if (is_head || length == answer.headers.end()) return answer;
  auto body = socket_.read_exactly(std::stoul(length->second));
  if (!body) return std::nullopt;
  answer.body = *std::move(body);
  return answer;
}

std::optional<HttpAnswer> HttpClient::ask(std::string_view method, std::string_view target,
                                          std::string_view headers, std::string_view body) {
  if (!send(method, target, headers, body)) return std::nullopt;
  return read(method == "HEAD");
}

std::optional<HttpAnswer> HttpClient::sync(std::string_view message) {
  return ask("POST", "/sync", "Content-Type: application/json\r\n", message);
}

int LiveFrame::close_code() const {
  if (opcode != 8 || payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
}

LiveClient::LiveClient(uint16_t port, std::string_view headers) : socket_(port) {
  const std::string host = "127.0.0.1:" + std::to_string(port);
  socket_.send("GET /sync/live HTTP/1.1\r\nHost: " + host +
               "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
               std::string(headers) + "\r\n");
  const auto head = socket_.read_until("\r\n\r\n");
  if (head) status_ = parse_head(*head).status;
}

// RFC 6455 §5.2; a mask of zeros is a mask.
bool LiveClient::send(int opcode, std::string_view payload) {
  std::string frame(1, static_cast<char>(0x80 | opcode));
  const auto byte = [&](size_t value) { frame += static_cast<char>(value & 0xff); };
  if (payload.size() < 126) {
    byte(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    byte(0x80 | 126);
    byte(payload.size() >> 8);
    byte(payload.size());
  } else {
    byte(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) byte(payload.size() >> shift);
  }
  frame.append(4, '\0');
  return socket_.send(frame + std::string(payload));
}

std::optional<LiveFrame> LiveClient::read() {
  const auto head = socket_.read_exactly(2);
  if (!head) return std::nullopt;
  LiveFrame frame;
  frame.opcode = static_cast<unsigned char>((*head)[0]) & 0x0f;
  size_t length = static_cast<unsigned char>((*head)[1]) & 0x7f;
  if (length >= 126) {
    const auto extended = socket_.read_exactly(length == 126 ? 2 : 8);
    if (!extended) return std::nullopt;
    length = 0;
    for (const char c : *extended) length = length * 256 + static_cast<unsigned char>(c);
  }
  auto payload = socket_.read_exactly(length);
  if (!payload) return std::nullopt;
  frame.payload = *std::move(payload);
  if (frame.opcode == 9) {
    send(10, frame.payload);
    return read();
  }
  return frame;
}

}  // namespace twinstore::test
