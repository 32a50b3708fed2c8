#include "scripted_server.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include "twinstore/result.h"

namespace twinstore::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// The request as far as it came.
template <class Stream>
std::string read_request(Stream& stream) {
  boost::system::error_code error;
  std::string text;
  const size_t head = asio::read_until(stream, asio::dynamic_buffer(text), "\r\n\r\n", error);
  if (error) return text;
  const std::string name = "Content-Length: ";
  const size_t at = text.find(name);
  const size_t length = at == std::string::npos ? 0 : std::stoul(text.substr(at + name.size()));
  if (text.size() < head + length) {
    asio::read(stream, asio::dynamic_buffer(text),
               asio::transfer_exactly(head + length - text.size()), error);
  }
  return text;
}

tcp::socket& socket_of(tcp::socket& socket) { return socket; }
tcp::socket& socket_of(asio::ssl::stream<tcp::socket>& stream) { return stream.next_layer(); }

}  // namespace

ScriptedServer::ScriptedServer(std::string answer, const std::string& certificate,
                               const std::string& key)
    : answer_(std::move(answer)),
      acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      thread_([this, certificate, key] { accept_all(certificate, key); }) {}

ScriptedServer::~ScriptedServer() {
  is_stopping_ = true;
  // Its own connection wakes the accept that blocks.
  boost::system::error_code error;
  tcp::socket last(io_);
  last.connect({asio::ip::address_v4::loopback(), port_}, error);
  last.close(error);
  thread_.join();
}

std::vector<std::string> ScriptedServer::requests() {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void ScriptedServer::await_request() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return !requests_.empty(); });
}

template <class Stream>
void ScriptedServer::serve(Stream& stream) {
  const std::string request = read_request(stream);
  boost::system::error_code error;
  {
    const std::scoped_lock lock(mutex_);
    if (!request.empty()) requests_.push_back(request);
  }
  arrived_.notify_all();
  if (answer_.empty()) return held_.push_back(std::move(socket_of(stream)));
  asio::write(stream, asio::buffer(answer_), error);
}

void ScriptedServer::accept_all(const std::string& certificate, const std::string& key) {
  asio::ssl::context tls(asio::ssl::context::tls_server);
  if (!certificate.empty()) {
    tls.use_certificate_chain_file(certificate);
    tls.use_private_key_file(key, asio::ssl::context::pem);
  }
  for (;;) {
    tcp::socket socket(io_);
    boost::system::error_code error;
    acceptor_.accept(socket, error);
    if (is_stopping_) return;
    if (certificate.empty()) {
      serve(socket);
      continue;
    }
    asio::ssl::stream<tcp::socket> stream(std::move(socket), tls);
    stream.handshake(asio::ssl::stream_base::server, error);
    if (!error) serve(stream);
  }
}

std::string http_answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Word\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace twinstore::test
