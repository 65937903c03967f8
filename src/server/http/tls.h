// TLS for the server: the certificate and key in force, loaded from files and replaced while connections go on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace sightline::http {

struct TlsFiles {
  std::filesystem::path certificate;  // PEM: the server's certificate, then those that lead to the authority's
  std::filesystem::path key;          // PEM, without a passphrase, readable by its owner alone
};

// TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers; HTTP/1.1 alone. Thread-safe.
class Tls {
 public:
  // Errors: invalid_input with the file and what is wrong with it: missing, not PEM, expired or not valid yet, a key
  // that others may read, that needs a passphrase or that belongs to another certificate.
  static Result<std::shared_ptr<Tls>> load(TlsFiles files);

  // Reads both files again; handshakes from then on use them, connections that are open go on as they are.
  // Errors as above; what was in force stays in force.
  Result<void> reload();

  // What new connections use.
  std::shared_ptr<ssl_ctx_st> context() const;
  // The end of the server certificate's validity, in seconds since 1970.
  std::int64_t expires_s() const;

 private:
  explicit Tls(TlsFiles files) : files_(std::move(files)) {}

  const TlsFiles files_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<ssl_ctx_st> context_;
  std::int64_t expires_s_ = 0;
};

}  // namespace sightline::http
