#include "http/http_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <optional>

#include "http/net.h"
#include "http/public_address.h"

namespace twinstore {
namespace {

namespace asio = net::asio;
namespace beast = net::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using Endpoints = std::vector<net::tcp::endpoint>;
using Failure = net::error_code;
template <class T>
using Awaitable = net::Awaitable<T>;
using net::into;

constexpr int header_bytes_max = 16 << 10;
constexpr const char* user_agent = "twinstore";

Error unavailable(const std::string& what, const Failure& error) {
  return {ErrorCode::Unavailable, what + ": " + error.message()};
}

class Exchange {
 public:
  Exchange(const OutboundRequest& request, const CallBounds& bounds)
      : request_(request), bounds_(bounds), deadline_(io_.get_executor()) {}

  Result<OutboundAnswer> run() {
    if (request_.url.is_secure) TWINSTORE_TRY_VOID(trust());
    // The resolver's and the stream's own ends are all reached by closing the socket.
    const std::stop_callback on_stop(bounds_.stop,
                                     [this] { asio::post(io_, [this] { give_up(); }); });
    deadline_.expires_at(bounds_.deadline);
    deadline_.async_wait([this](const Failure& error) {
      if (!error) give_up();
    });
    asio::co_spawn(io_.get_executor(), answer(), [this](const std::exception_ptr& thrown) {
      if (thrown) answer_ = Error{ErrorCode::Internal, "the request could not be made"};
      deadline_.cancel();
    });
    io_.run();
    if (is_given_up_ && !answer_.ok()) {
      return Error{ErrorCode::Unavailable, bounds_.stop.stop_requested()
                                               ? "the request was stopped"
                                               : "the answer took longer than it may"};
    }
    return std::move(answer_);
  }

 private:
  Result<void> trust() {
    Failure error;
    tls_.set_options(
        ssl::context::default_workarounds | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1,
        error);
    if (request_.ca_file.empty()) {
      tls_.set_default_verify_paths(error);
    } else {
      tls_.load_verify_file(request_.ca_file, error);
    }
    if (!error) tls_.set_verify_mode(ssl::verify_peer, error);
    if (!error) return {};
    return Error{ErrorCode::InvalidArgument,
                 "the file of trusted certificates cannot be read: " + error.message()};
  }

  void give_up() {
    is_given_up_ = true;
    resolver_.cancel();
    if (stream_) stream_->close();
    if (secure_) secure_->next_layer().close();
  }

  Awaitable<Result<Endpoints>> resolve() {
    Failure error;
    auto found = co_await resolver_.async_resolve(request_.url.host,
                                                  std::to_string(request_.url.port), into(error));
    if (error) co_return unavailable("the name of the host does not resolve", error);
    Endpoints allowed;
    for (const auto& entry : found) {
      if (request_.allow_private_addresses || is_public_address(entry.endpoint().address())) {
        allowed.push_back(entry.endpoint());
      }
    }
    if (allowed.empty()) {
      co_return Error{ErrorCode::Forbidden,
                      "the host is at an address that is not public, which is not allowed"};
    }
    co_return allowed;
  }

  Awaitable<void> answer() { answer_ = co_await exchange(); }

  Awaitable<Result<OutboundAnswer>> exchange() {
    auto endpoints = co_await resolve();
    if (!endpoints.ok()) co_return endpoints.error();
    if (is_given_up_) co_return Error{ErrorCode::Unavailable, ""};
    Failure error;
    if (request_.url.is_secure) {
      secure_.emplace(io_.get_executor(), tls_);
      co_await secure_->next_layer().async_connect(endpoints.value(), into(error));
      if (error) co_return unavailable("the host does not answer", error);
      secure_->set_verify_callback(ssl::host_name_verification(request_.url.host), error);
      SSL_set_tlsext_host_name(secure_->native_handle(), request_.url.host.c_str());
      co_await secure_->async_handshake(ssl::stream_base::client, into(error));
      if (error) co_return unavailable("the host's certificate is not to be trusted", error);
      co_return co_await talk(*secure_);
    }
    stream_.emplace(io_.get_executor());
    co_await stream_->async_connect(endpoints.value(), into(error));
    if (error) co_return unavailable("the host does not answer", error);
    co_return co_await talk(*stream_);
  }

  template <class AnyStream>
  Awaitable<Result<OutboundAnswer>> talk(AnyStream& stream) {
    http::request<http::string_body> message{http::verb::post, request_.url.target, 11};
    message.set(http::field::host, request_.url.authority());
    message.set(http::field::user_agent, user_agent);
    message.set(http::field::accept, "application/json");
    message.set(http::field::content_type, "application/json");
    message.set(http::field::connection, "close");
    for (const auto& [name, value] : request_.headers) message.set(name, value);
    message.body() = request_.body;
    message.prepare_payload();
    Failure error;
    co_await http::async_write(stream, message, into(error));
    if (error) co_return unavailable("the connection broke", error);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.header_limit(header_bytes_max);
    parser.body_limit(request_.answer_bytes_max);
    co_await http::async_read(stream, buffer, parser, into(error));
    if (error == http::error::body_limit) {
      co_return Error{ErrorCode::BodyTooLarge, "the answer is larger than it may be"};
    }
    if (error) co_return unavailable("the answer cannot be read", error);
    auto answer = parser.release();
    co_return OutboundAnswer{static_cast<int>(answer.result_int()), std::move(answer.body())};
  }

  const OutboundRequest& request_;
  const CallBounds& bounds_;
  asio::io_context io_{1};
  ssl::context tls_{ssl::context::tls_client};
  asio::ip::basic_resolver<net::tcp, net::Executor> resolver_{io_.get_executor()};
  net::Timer deadline_;
  std::optional<net::Stream> stream_;
  std::optional<ssl::stream<net::Stream>> secure_;
  bool is_given_up_ = false;
  Result<OutboundAnswer> answer_ = OutboundAnswer{};
};

}  // namespace

Result<OutboundAnswer> post_json(const OutboundRequest& request, const CallBounds& bounds) {
  return Exchange(request, bounds).run();
}

}  // namespace twinstore
