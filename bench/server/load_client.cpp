#include "load_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "twinstore/result.h"

namespace twinstore::bench {
namespace {

using Clock = std::chrono::steady_clock;

int connected(uint16_t port) {
  const int file = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  TWINSTORE_CHECK(::connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const int one = 1;
  ::setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return file;
}

// One answer as it comes in.
struct Incoming {
  std::string text;
  size_t body_at = 0;
  size_t length = 0;

  // True once it is whole.
  bool take(std::string_view bytes) {
    text += bytes;
    if (body_at == 0) {
      const size_t end = text.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      body_at = end + 4;
      constexpr std::string_view name = "Content-Length: ";
      const size_t at = text.find(name);
      TWINSTORE_CHECK(at != std::string::npos && at < end);
      length = std::stoul(text.substr(at + name.size()));
    }
    return text.size() >= body_at + length;
  }
  [[nodiscard]] bool is_ok() const { return text.compare(9, 3, "200") == 0; }
  [[nodiscard]] std::string body() const { return text.substr(body_at, length); }
};

struct Client {
  int file = -1;
  const Requests* requests = nullptr;
  size_t next = 0;
  Incoming incoming;
  Clock::time_point sent;

  void send() {
    const std::string& request = (*requests)[next++];
    sent = Clock::now();
    size_t done = 0;
    while (done < request.size()) {
      const ssize_t wrote =
          ::send(file, request.data() + done, request.size() - done, MSG_NOSIGNAL);
      TWINSTORE_CHECK(wrote > 0);
      done += static_cast<size_t>(wrote);
    }
  }
};

double at(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto place = static_cast<size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(sorted.size() - 1, place)];
}

}  // namespace

std::string plain_request(const std::string& method, const std::string& target,
                          const std::string& body) {
  std::string out = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (!body.empty()) {
    out +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return out + "\r\n" + body;
}

std::string sync_request(const std::string& body) { return plain_request("POST", "/sync", body); }

LoadResult run_load(uint16_t port, const std::vector<Requests>& lists,
                    const std::atomic<bool>* is_over) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Client> clients(lists.size());
  size_t open = 0;
  const auto began = Clock::now();
  for (size_t i = 0; i < lists.size(); ++i) {
    if (lists[i].empty()) continue;
    clients[i].file = connected(port);
    clients[i].requests = &lists[i];
    epoll_event event{EPOLLIN, {.u64 = i}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].file, &event);
    clients[i].send();
    ++open;
  }
  LoadResult result;
  std::vector<double> ms;
  std::array<epoll_event, 64> ready;
  std::vector<char> buffer(1u << 20);
  while (open > 0) {
    const int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      Client& client = clients[ready[static_cast<size_t>(i)].data.u64];
      const ssize_t got = ::recv(client.file, buffer.data(), buffer.size(), 0);
      TWINSTORE_CHECK(got > 0);
      if (!client.incoming.take({buffer.data(), static_cast<size_t>(got)})) continue;
      ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - client.sent).count());
      const bool is_ok = client.incoming.is_ok();
      ++(is_ok ? result.answers : result.failures);
      if (!is_ok && result.first_failure.empty()) result.first_failure = client.incoming.text;
      result.bytes += static_cast<int64_t>(client.incoming.length);
      client.incoming = {};
      if (client.next < client.requests->size() && (is_over == nullptr || !*is_over)) {
        client.send();
      } else {
        ::close(client.file);
        --open;
      }
    }
  }
  ::close(poll);
  result.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  std::ranges::sort(ms);
  result.p50_ms = at(ms, 0.5);
  result.p99_ms = at(ms, 0.99);
  return result;
}

std::string ask(uint16_t port, const std::string& request) {
  const int file = connected(port);
  Requests one{request};
  Client client{file, &one, 0, {}, {}};
  client.send();
  std::vector<char> buffer(1u << 20);
  for (;;) {
    const ssize_t got = ::recv(file, buffer.data(), buffer.size(), 0);
    TWINSTORE_CHECK(got > 0);
    if (client.incoming.take({buffer.data(), static_cast<size_t>(got)})) break;
  }
  ::close(file);
  return client.incoming.body();
}

}  // namespace twinstore::bench
