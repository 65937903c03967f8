// The beginning and the end of a connection that speaks TLS.
#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/http/connection.h"

namespace sightline::http {

namespace asio = boost::asio;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::string_view kNotTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 35\r\nConnection: close\r\n\r\n"
    "this port speaks TLS: use https://\n";

}  // namespace

void Connection::use_tls(const std::shared_ptr<ssl_ctx_st>& context) {
  // The stream frees what SSL_new made, which keeps the context alive.
  tls_.emplace(socket_, SSL_new(context.get()));
}

asio::awaitable<bool> Connection::shake_hands() {
  if (shared_.stopping) co_return false;
  idle_since_ = std::chrono::steady_clock::now();
  arm_deadline(shared_.limits.handshake_timeout);
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kAwait);
  disarm_deadline();
  idle_since_.reset();
  if (!error) co_return !shared_.stopping;
  ++shared_.failed_handshakes;
  if (error.category() == asio::error::get_ssl_category() && ERR_GET_REASON(error.value()) == SSL_R_HTTP_REQUEST) {
    tls_.reset();
    co_await write_all(kNotTls);
    co_await drain();
  }
  co_return false;
}

// Tells the client that this is the end, not a cut: closes TLS, then the sending side of the socket.
asio::awaitable<void> Connection::finish_sending(std::chrono::milliseconds timeout) {
  if (tls_) {
    arm_deadline(timeout);
    co_await tls_->async_shutdown(kAwait);  // fails where the client still sends, after it was told
    disarm_deadline();
    tls_.reset();  // what still comes is thrown away unread
  }
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

}  // namespace sightline::http
