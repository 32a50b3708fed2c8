#include "http/http_session.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <iterator>

#include "base/log.h"
#include "config/server_limits.h"
#include "http/client_address.h"
#include "http/compression.h"
#include "http/problem.h"
#include "http/request_head.h"
#include "http/security_headers.h"
#include "http/target.h"
#include "http/trace_context.h"
#include "live/live_connection.h"

namespace twinstore {
namespace {

namespace http = net::beast::http;
using Parser = http::request_parser<http::string_body>;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr size_t read_bytes = 8u << 10;
constexpr std::string_view head_end = "\r\n\r\n";

std::string text_of(net::beast::string_view text) { return {text.data(), text.size()}; }

// Everything about a request but its body.
HttpRequest head_of(const Parser::value_type& parsed, uint64_t id) {
  HttpRequest request;
  request.id = id;
  request.method = text_of(parsed.method_string());
  for (const auto& field : parsed) {
    request.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
  }
  return request;
}

// What the parser lets through and this server does not; nothing when the head is in order.
std::optional<HttpResponse> refuse_head(const Parser::value_type& parsed,
                                        const HttpRequest& request) {
  if (request.headers.size() > limits::headers_max) {
    return problem(request, 431, "header_too_large", "a request has at most 100 headers");
  }
  if (parsed.target().size() > limits::target_bytes_max) {
    return problem(request, 414, "target_too_long", "a request target has at most 8 KiB");
  }
  const auto hosts = parsed.equal_range(http::field::host);
  if (std::distance(hosts.first, hosts.second) != 1) {
    return problem(request, 400, "invalid_request", "a request has one Host header");
  }
  const std::string_view expected = request.header("Expect");
  if (!expected.empty() && !is_same_token(expected, "100-continue")) {
    return problem(request, 417, "expectation_failed", "only 100-continue can be expected");
  }
  return std::nullopt;
}

// What the longest head that is read so far is too long in.
HttpResponse too_long(const HttpRequest& unread, std::string_view begun) {
  const size_t line = begun.find('\r');
  if (line > limits::target_bytes_max) {
    return problem(unread, 414, "target_too_long", "a request target has at most 8 KiB");
  }
  return problem(unread, 431, "header_too_large", "the headers have at most 16 KiB");
}

// Nothing that comes later makes it a request: it is not worth waiting for.
bool is_hopeless(std::string_view begun) {
  const bool is_method = begun.empty() || (begun.front() >= 'A' && begun.front() <= 'Z');
  bool is_bare = false;
  for (size_t at = begun.find('\n'); at != std::string_view::npos; at = begun.find('\n', at + 1)) {
    is_bare = is_bare || at == 0 || begun[at - 1] != '\r';
  }
  return !is_method || is_bare || begun.find('\0') != std::string_view::npos;
}

class HttpSession final : public Connection {
 public:
  HttpSession(net::Socket socket, std::string address, HttpContext& context)
      : stream_(std::move(socket)),
        context_(context),
        address_(context.connections, std::move(address)) {}

  net::Awaitable<> run();
  void close_soon() override {
    is_closing_ = true;
    if (is_idle_) stream_.cancel();
  }

 private:
  net::Awaitable<bool> wait_for_bytes();
  net::Awaitable<bool> serve_one();
  net::Awaitable<size_t> read_head();
  net::Awaitable<bool> read_body(Parser& parser, HttpRequest& request);
  net::Awaitable<HttpResponse> ask(HttpRequest request);
  net::Awaitable<bool> write(const HttpRequest& request, HttpResponse response, bool keep_alive);
  net::Awaitable<bool> refuse(const HttpRequest& request, HttpResponse response);
  net::Awaitable<bool> refuse_unparsed(const HttpRequest& request, net::error_code error);
  net::Awaitable<bool> refuse_unread(std::string_view wrong);
  std::string_view begun() const;
  net::Awaitable<> drain_input();

  net::Stream stream_;
  HttpContext& context_;
  const AddressPlace address_;
  net::beast::flat_buffer buffer_{limits::read_buffer_bytes_max};
  SteadyTime started_;
  size_t bytes_in_ = 0;
  bool is_idle_ = false;
  bool is_closing_ = false;
  std::optional<http::request<http::string_body>> upgrade_;
};

net::Awaitable<> HttpSession::run() {
  {
    const ConnectionPlace place(context_.connections, *this);
    if (address_.number() > context_.doors.connections_per_address) co_return;
    // GCC 12 evaluates a co_await on the right of && whatever stands on its left.
    for (;;) {
      const bool has_bytes = co_await wait_for_bytes();
      if (!has_bytes) break;
      const bool stays = co_await serve_one();
      if (!stays) break;
    }
    if (!upgrade_) {
      net::error_code ignored;
      stream_.socket().shutdown(net::tcp::socket::shutdown_both, ignored);
      co_return;
    }
  }
  co_await serve_live(std::move(stream_), *std::move(upgrade_), address_.address(), context_);
}

// A connection between requests may wait long, and is the one that a drain can close at once.
net::Awaitable<bool> HttpSession::wait_for_bytes() {
  if (buffer_.size() > 0) co_return true;
  if (is_closing_ || context_.is_draining) co_return false;
  net::error_code error;
  is_idle_ = true;
  stream_.expires_after(limits::idle_deadline);
  const size_t bytes =
      co_await stream_.async_read_some(buffer_.prepare(read_bytes), net::into(error));
  is_idle_ = false;
  buffer_.commit(bytes);
  co_return !error;
}

std::string_view HttpSession::begun() const {
  return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
}

// The bytes of the next head, once they are all in the buffer; 0 when there will be none.
net::Awaitable<size_t> HttpSession::read_head() {
  net::error_code error;
  stream_.expires_after(limits::header_deadline);
  for (size_t seen = 0;;) {
    const size_t overlap = std::min(seen, head_end.size() - 1);
    const size_t end = begun().find(head_end, seen - overlap);
    const size_t bytes = end == std::string_view::npos ? buffer_.size() : end + head_end.size();
    if (bytes > limits::header_bytes_max) {
      const HttpRequest unread = head_of({}, ++context_.last_request);
      co_await refuse(unread, too_long(unread, begun()));
      co_return 0;
    }
    if (end != std::string_view::npos) co_return bytes;
    if (is_hopeless(begun())) {
      co_await refuse_unread("this is not HTTP/1.1");
      co_return 0;
    }
    seen = buffer_.size();
    const size_t read =
        co_await stream_.async_read_some(buffer_.prepare(read_bytes), net::into(error));
    buffer_.commit(read);
    if (error) co_return 0;
  }
}

// True when another request may follow.
net::Awaitable<bool> HttpSession::serve_one() {
  started_ = std::chrono::steady_clock::now();
  bytes_in_ = 0;
  const size_t head_bytes = co_await read_head();
  if (head_bytes == 0) co_return false;
  Parser parser;
  parser.header_limit(limits::header_bytes_max);
  parser.body_limit(limits::request_body_bytes_max);
  const std::string_view wrong = wrong_head(begun().substr(0, head_bytes));
  if (!wrong.empty()) co_return co_await refuse_unread(wrong);
  net::error_code error;
  parser.put(net::asio::buffer(buffer_.data(), head_bytes), error);
  buffer_.consume(head_bytes);
  HttpRequest request = head_of(parser.get(), ++context_.last_request);
  request.address = client_address(request, address_.address(), context_.doors.trusted_proxies);
  auto target = parse_target({parser.get().target().data(), parser.get().target().size()});
  if (target.ok()) {
    request.path = std::move(target.value().path);
    request.segments = std::move(target.value().segments);
    request.query = std::move(target.value().query);
  }
  if (error) co_return co_await refuse_unparsed(request, error);
  if (auto refusal = refuse_head(parser.get(), request)) {
    co_return co_await refuse(request, *std::move(refusal));
  }
  if (!target.ok()) co_return co_await refuse(request, problem(request, target.error()));
  if (net::beast::websocket::is_upgrade(parser.get())) {
    // Nothing may follow before it is answered (RFC 6455 §4.1).
    const bool is_early = buffer_.size() > 0 || !parser.is_done();
    if (is_early) {
      co_return co_await refuse(
          request, problem(request, 400, "invalid_request", "frames wait for the upgrade"));
    }
    if (auto refusal = context_.doors.refuse_upgrade(request)) {
      co_return co_await refuse(request, *std::move(refusal));
    }
    upgrade_ = parser.release();
    co_return false;
  }
  if (!co_await read_body(parser, request)) co_return false;
  const bool keep_alive = parser.get().keep_alive();
  HttpRequest head;
  head.id = request.id;
  head.method = request.method;
  head.path = request.path;
  for (const char* name : {"Accept-Encoding", "traceparent"}) {
    head.headers.emplace_back(name, request.header(name));
  }
  HttpResponse response = co_await ask(std::move(request));
  compress_body(head, response);
  co_return co_await write(head, std::move(response), keep_alive);
}

net::Awaitable<bool> HttpSession::read_body(Parser& parser, HttpRequest& request) {
  net::error_code error;
  stream_.expires_after(limits::body_window);
  if (is_same_token(request.header("Expect"), "100-continue") && !parser.is_done()) {
    http::response<http::empty_body> interim(http::status::continue_, 11);
    co_await http::async_write(stream_, interim, net::into(error));
    if (error) co_return false;
  }
  const SteadyTime until = std::chrono::steady_clock::now() + limits::body_deadline;
  size_t in_window = 0;
  while (!parser.is_done()) {
    in_window += co_await http::async_read_some(stream_, buffer_, parser, net::into(error));
    if (error) {
      co_await refuse_unparsed(request, error);
      co_return false;
    }
    if (in_window < limits::body_window_bytes_min) continue;
    in_window = 0;
    stream_.expires_at(std::min(until, std::chrono::steady_clock::now() + limits::body_window));
  }
  request.body = std::move(parser.get().body());
  bytes_in_ = request.body.size();
  co_return true;
}

// The handler answers on whichever thread it likes; the coroutine goes on here, on the I/O thread.
net::Awaitable<HttpResponse> HttpSession::ask(HttpRequest request) {
  stream_.expires_never();
  auto token = net::asio::use_awaitable_t<net::Executor>{};
  auto start = [this](auto handler, HttpRequest asked) {
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    context_.doors.answer(
        std::move(asked), [kept, executor = stream_.get_executor()](HttpResponse response) {
          net::asio::post(executor, [kept, given = std::move(response)]() mutable {
            std::move (*kept)(std::move(given));
          });
        });
  };
  co_return co_await net::asio::async_initiate<net::asio::use_awaitable_t<net::Executor>,
                                               void(HttpResponse)>(start, token,
                                                                   std::move(request));
}

net::Awaitable<bool> HttpSession::write(const HttpRequest& request, HttpResponse response,
                                        bool keep_alive) {
  add_security_headers(response);
  http::response<http::string_body> out;
  out.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) out.insert(name, value);
  const bool is_bodiless = response.status == 204 || response.status == 304;
  const size_t bytes_out = response.body.size();
  if (!is_bodiless) out.content_length(bytes_out);
  if (!is_bodiless && request.method != "HEAD") out.body() = std::move(response.body);
  const bool stays = keep_alive && !is_closing_ && !context_.is_draining;
  out.keep_alive(stays);
  net::error_code error;
  stream_.expires_after(limits::write_deadline);
  co_await http::async_write(stream_, out, net::into(error));
  const std::chrono::duration<double, std::milli> took =
      std::chrono::steady_clock::now() - started_;
  log_access({request.id, trace_id_of(request.header("traceparent")), request.method, request.path,
              response.status, took.count(), bytes_in_, bytes_out});
  context_.doors.metrics->request_answered(response.operation, response.status, started_);
  co_return !error && stays;
}

// Answers and closes, so that the client reads the answer although it is still sending: closing
// with unread input makes the kernel reset the connection and drop what was written.
net::Awaitable<bool> HttpSession::refuse(const HttpRequest& request, HttpResponse response) {
  co_await write(request, std::move(response), false);
  co_await drain_input();
  co_return false;
}

net::Awaitable<bool> HttpSession::refuse_unparsed(const HttpRequest& request,
                                                  net::error_code error) {
  const bool is_malformed = error.category() == make_error_code(http::error::bad_method).category();
  const bool is_gone = error == http::error::end_of_stream || error == http::error::partial_message;
  if (!is_malformed || is_gone) co_return false;  // closed, or a deadline passed
  HttpResponse response = problem(request, 400, "invalid_request", "this is not HTTP/1.1");
  if (error == http::error::body_limit) {
    response = context_.doors.refuse_body(request);
  } else if (error == http::error::header_limit) {
    response = problem(request, 431, "header_too_large", "the headers have at most 16 KiB");
  }
  co_return co_await refuse(request, std::move(response));
}

net::Awaitable<bool> HttpSession::refuse_unread(std::string_view wrong) {
  const HttpRequest unread = head_of({}, ++context_.last_request);
  co_return co_await refuse(unread, problem(unread, 400, "invalid_request", wrong));
}

net::Awaitable<> HttpSession::drain_input() {
  net::error_code error;
  stream_.socket().shutdown(net::tcp::socket::shutdown_send, error);
  stream_.expires_after(limits::refuse_deadline);
  size_t drained = 0;
  while (!error && drained < limits::drain_bytes_max) {
    buffer_.clear();
    drained += co_await stream_.async_read_some(buffer_.prepare(64u << 10), net::into(error));
  }
}

}  // namespace

net::Awaitable<> serve_http(net::Socket socket, HttpContext& context) {
  net::error_code gone;
  const std::string address = socket.remote_endpoint(gone).address().to_string();
  HttpSession session(std::move(socket), address, context);
  co_await session.run();
}

}  // namespace twinstore
