#include "live/live_connection.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/log.h"
#include "config/server_limits.h"
#include "live/outgoing.h"

namespace twinstore {
namespace {

namespace websocket = net::beast::websocket;

constexpr uint16_t going_away = 1001;  // RFC 6455 §7.4.1
constexpr uint16_t reads_too_slowly = 4408;

std::string_view close_reason(uint16_t code) {
  switch (code) {
    case going_away: return "the server stops";
    case reads_too_slowly: return "too much waits to be read";
    case LiveReply::not_authenticated: return "a valid token is needed";
    case LiveReply::too_many: return "too many";
    default: return {};
  }
}

class LiveConnection final : public Connection, public LivePeer {
 public:
  LiveConnection(net::Stream stream, std::string address, HttpContext& context)
      : context_(context),
        service_(*context.doors.live),
        address_(std::move(address)),
        socket_(std::move(stream)),
        wake_(socket_.get_executor()),
        written_(socket_.get_executor()) {}

  net::Awaitable<> run(const UpgradeRequest& request);
  void close_soon() override { close_with(going_away); }
  void deliver(const std::string& scope, std::shared_ptr<const std::string> text,
               Outgoing::Time committed) override;
  void recheck() override;

 private:
  net::Awaitable<bool> accept(const UpgradeRequest& request);
  net::Awaitable<> read_all();
  net::Awaitable<> write_all();
  net::Awaitable<LiveReply> ask(std::string text);
  net::Awaitable<> until_answered();
  void close_with(uint16_t code);
  void answer(std::string text);

  HttpContext& context_;
  LiveService& service_;
  const std::string address_;
  websocket::stream<net::Stream> socket_;
  net::Timer wake_;     // the writer sleeps until there is something to send
  net::Timer written_;  // the reader waits here for an answer to be written, or the writer's end
  Outgoing outgoing_;
  std::shared_ptr<LiveCaller> caller_;
  uint16_t close_code_ = 0;
  size_t unwritten_answers_ = 0;
  bool is_ended_ = false;
  bool is_writer_done_ = false;
};

net::Awaitable<bool> LiveConnection::accept(const UpgradeRequest& request) {
  net::beast::get_lowest_layer(socket_).expires_never();
  websocket::stream_base::timeout timeout;
  timeout.handshake_timeout = limits::refuse_deadline;
  timeout.idle_timeout = limits::live_idle_deadline;
  timeout.keep_alive_pings = true;
  socket_.set_option(timeout);
  socket_.read_message_max(limits::live_message_bytes_max);
  socket_.auto_fragment(false);
  net::error_code error;
  co_await socket_.async_accept(request, net::into(error));
  co_return !error;
}

net::Awaitable<> LiveConnection::run(const UpgradeRequest& request) {
  const ConnectionPlace place(context_.connections, *this);
  if (!co_await accept(request)) co_return;
  if (context_.is_draining) close_with(going_away);
  const ConnectionId id = context_.connections.add_live(*this);
  caller_ = service_.greet(id, address_);
  if (!caller_->is_known()) socket_.read_message_max(limits::live_auth_bytes_max);
  log_info("a live connection opened", {{"connection", id}});
  net::asio::co_spawn(socket_.get_executor(), write_all(), [this](const std::exception_ptr&) {
    is_writer_done_ = true;
    written_.cancel();
  });
  co_await read_all();
  is_ended_ = true;
  context_.connections.remove_live(id);
  service_.left(*caller_);
  wake_.cancel();
  // A write to a peer that does not read ends here.
  net::beast::get_lowest_layer(socket_).close();
  net::error_code ignored;
  while (!is_writer_done_) {
    written_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await written_.async_wait(net::into(ignored));
  }
  log_info("a live connection closed", {{"connection", id}});
}

// One message at a time: the next is read when the last is answered, so a peer that pushes without
// pause is held back by TCP.
net::Awaitable<> LiveConnection::read_all() {
  net::beast::flat_buffer buffer;
  net::error_code error;
  for (;;) {
    buffer.clear();
    co_await socket_.async_read(buffer, net::into(error));
    if (error) co_return;
    if (close_code_ != 0) continue;  // until the peer has heard of it
    if (!socket_.got_text()) {
      answer(service_.error_text_of({ErrorCode::InvalidArgument, "messages are text frames"}));
      co_await until_answered();
      continue;
    }
    LiveReply reply = co_await ask(net::beast::buffers_to_string(buffer.data()));
    if (reply.close_code != 0) close_with(reply.close_code);
    if (!reply.text.empty()) answer(std::move(reply.text));
    co_await until_answered();
    if (caller_->is_known()) socket_.read_message_max(limits::live_message_bytes_max);
  }
}

// Behind the answer may be the peer's goodbye, which ends what is not written yet.
net::Awaitable<> LiveConnection::until_answered() {
  net::error_code ignored;
  while (!is_writer_done_ && close_code_ == 0 && unwritten_answers_ > 0) {
    written_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await written_.async_wait(net::into(ignored));
  }
}

net::Awaitable<LiveReply> LiveConnection::ask(std::string text) {
  auto token = net::asio::use_awaitable_t<net::Executor>{};
  auto start = [this](auto handler, std::string asked) {
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    service_.receive(caller_, std::move(asked),
                     [kept, executor = socket_.get_executor()](LiveReply reply) {
                       net::asio::post(executor, [kept, given = std::move(reply)]() mutable {
                         std::move (*kept)(std::move(given));
                       });
                     });
  };
  co_return co_await net::asio::async_initiate<net::asio::use_awaitable_t<net::Executor>,
                                               void(LiveReply)>(start, token, std::move(text));
}

void LiveConnection::recheck() {
  if (const uint16_t code = service_.recheck(*caller_)) close_with(code);
}

net::Awaitable<> LiveConnection::write_all() {
  net::error_code error;
  while (!is_ended_) {
    if (close_code_ != 0) {
      const std::string_view why = close_reason(close_code_);
      const websocket::close_reason reason(static_cast<websocket::close_code>(close_code_),
                                           {why.data(), why.size()});
      co_await socket_.async_close(reason, net::into(error));
      co_return;
    }
    const auto item = outgoing_.take();
    if (!item) {
      wake_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await wake_.async_wait(net::into(error));
      continue;
    }
    socket_.text(true);
    co_await socket_.async_write(net::asio::buffer(*item->text), net::into(error));
    if (error) {
      net::beast::get_lowest_layer(socket_).close();
      co_return;
    }
    if (item->committed != Outgoing::Time{}) {
      context_.doors.metrics->told(item->committed);
      continue;
    }
    --unwritten_answers_;
    written_.cancel();
  }
}

void LiveConnection::deliver(const std::string& scope, std::shared_ptr<const std::string> text,
                             Outgoing::Time committed) {
  if (close_code_ != 0) return;
  const auto added =
      outgoing_.add_changes(scope, std::move(text), committed, service_.behind_text(scope));
  if (added == Outgoing::Added::Withheld) context_.doors.metrics->frames_withheld.add();
  if (added == Outgoing::Added::GiveUp) {
    context_.doors.metrics->slow_readers_closed.add();
    log_warn("a live connection reads too slowly", {{"connection", caller_->connection}});
    return close_with(reads_too_slowly);
  }
  wake_.cancel();
}

void LiveConnection::answer(std::string text) {
  ++unwritten_answers_;
  outgoing_.add_answer(std::make_shared<const std::string>(std::move(text)));
  wake_.cancel();
}

void LiveConnection::close_with(uint16_t code) {
  if (close_code_ == 0) close_code_ = code;
  wake_.cancel();
}

}  // namespace

net::Awaitable<> serve_live(net::Stream stream, UpgradeRequest request, std::string address,
                            HttpContext& context) {
  LiveConnection connection(std::move(stream), std::move(address), context);
  co_await connection.run(request);
}

}  // namespace twinstore
