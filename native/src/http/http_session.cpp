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
#include "http/compression.h"
#include "http/problem.h"
#include "http/security_headers.h"
#include "http/target.h"
#include "http/trace_context.h"
#include "live/live_connection.h"

namespace twinstore {
namespace {

namespace http = net::beast::http;
using Parser = http::request_parser<http::string_body>;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr size_t first_read_bytes = 8u << 10;

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
  if (parsed.version() != 11 || std::distance(hosts.first, hosts.second) != 1) {
    return problem(request, 400, "invalid_request", "this is HTTP/1.1 with one Host header");
  }
  // Both lengths at once are how requests are smuggled (RFC 9112 §6.3).
  if (parsed.count(http::field::content_length) > 0 &&
      parsed.count(http::field::transfer_encoding) > 0) {
    return problem(request, 400, "invalid_request", "a body has one length, not two");
  }
  return std::nullopt;
}

class HttpSession final : public Connection {
 public:
  HttpSession(net::Socket socket, HttpContext& context)
      : stream_(std::move(socket)), context_(context) {}

  net::Awaitable<> run();
  void close_soon() override {
    is_closing_ = true;
    if (is_idle_) stream_.cancel();
  }

 private:
  net::Awaitable<bool> wait_for_bytes();
  net::Awaitable<bool> serve_one();
  net::Awaitable<bool> read_body(Parser& parser, HttpRequest& request);
  net::Awaitable<HttpResponse> ask(HttpRequest request);
  net::Awaitable<bool> write(const HttpRequest& request, HttpResponse response, bool keep_alive);
  net::Awaitable<bool> refuse(const HttpRequest& request, HttpResponse response);
  net::Awaitable<bool> refuse_unparsed(const HttpRequest& request, net::error_code error);
  net::Awaitable<> drain_input();

  net::Stream stream_;
  HttpContext& context_;
  net::beast::flat_buffer buffer_;
  SteadyTime started_;
  size_t bytes_in_ = 0;
  bool is_idle_ = false;
  bool is_closing_ = false;
  std::optional<http::request<http::string_body>> upgrade_;
};

net::Awaitable<> HttpSession::run() {
  {
    const ConnectionPlace place(context_.connections, *this);
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
  co_await serve_live(std::move(stream_), *std::move(upgrade_), context_);
}

// A connection between requests may wait long, and is the one that a drain can close at once.
net::Awaitable<bool> HttpSession::wait_for_bytes() {
  if (buffer_.size() > 0) co_return true;
  if (is_closing_ || context_.is_draining) co_return false;
  net::error_code error;
  is_idle_ = true;
  stream_.expires_after(limits::idle_deadline);
  const size_t bytes =
      co_await stream_.async_read_some(buffer_.prepare(first_read_bytes), net::into(error));
  is_idle_ = false;
  buffer_.commit(bytes);
  co_return !error;
}

// True when another request may follow.
net::Awaitable<bool> HttpSession::serve_one() {
  started_ = std::chrono::steady_clock::now();
  bytes_in_ = 0;
  const uint64_t id = ++context_.last_request;
  Parser parser;
  parser.header_limit(limits::header_bytes_max);
  parser.body_limit(limits::request_body_bytes_max);
  stream_.expires_after(limits::header_deadline);
  net::error_code error;
  co_await http::async_read_header(stream_, buffer_, parser, net::into(error));
  HttpRequest request = head_of(parser.get(), id);
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
  stream_.expires_after(limits::body_deadline);
  if (is_same_token(request.header("Expect"), "100-continue") && !parser.is_done()) {
    http::response<http::empty_body> interim(http::status::continue_, 11);
    co_await http::async_write(stream_, interim, net::into(error));
    if (error) co_return false;
  }
  co_await http::async_read(stream_, buffer_, parser, net::into(error));
  if (error) {
    co_await refuse_unparsed(request, error);
    co_return false;
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
  HttpSession session(std::move(socket), context);
  co_await session.run();
}

}  // namespace twinstore
