// RawClient over TLS; believes any certificate. Programs that include it link OpenSSL.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <functional>
#include <memory>

#include "testing/raw_http.h"

namespace sightline::testing {

class RawTlsClient : public RawClient {
 public:
  using Settings = std::function<void(SSL_CTX*)>;

  // Shakes hands at once.
  explicit RawTlsClient(std::uint16_t port, const char* from = "127.0.0.1", const Settings& settings = {})
      : RawClient(port, from), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    if (settings) settings(context_.get());
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket());
    shook_hands_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }

  bool shook_hands() const { return shook_hands_; }
  SSL* ssl() { return ssl_.get(); }

 private:
  ssize_t write_some(const char* bytes, std::size_t size) override {
    ERR_clear_error();
    return SSL_write(ssl_.get(), bytes, static_cast<int>(std::min<std::size_t>(size, 1U << 20U)));
  }
  ssize_t read_some(char* bytes, std::size_t size) override {
    ERR_clear_error();
    return SSL_read(ssl_.get(), bytes, static_cast<int>(size));
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool shook_hands_ = false;
};

}  // namespace sightline::testing
