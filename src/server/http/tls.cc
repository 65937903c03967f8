#include "server/http/tls.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>
#include <vector>

#include "base/descriptor.h"

namespace sightline::http {

namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
// Of TLS 1.2; all suites of TLS 1.3 are as good.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
// 112 bits and more: RSA from 2048 bits, no SHA-1 signatures.
constexpr int kSecurityLevel = 2;

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using CertificatePtr = std::unique_ptr<X509, Free<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Free<BIO_free>>;
using StackPtr =
    std::unique_ptr<STACK_OF(X509), Free<[](STACK_OF(X509) * chain) { sk_X509_pop_free(chain, X509_free); }>>;

std::unexpected<Error> wrong(const std::filesystem::path& file, std::string_view what) {
  return fail(ErrorCode::invalid_input, fmt::format("TLS: {}: {}", file.string(), what));
}

std::string library_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : "OpenSSL refuses it";
}

struct File {
  std::string bytes;
  struct stat about{};
};

Result<File> read_file(const std::filesystem::path& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor.open()) {
    return wrong(path, fmt::format("cannot be read: {}", std::generic_category().message(errno)));
  }
  File file;
  file.bytes.resize(kMaxFileBytes + 1);
  ssize_t size = -1;
  if (::fstat(descriptor.number(), &file.about) == 0 && S_ISREG(file.about.st_mode)) {
    size = ::read(descriptor.number(), file.bytes.data(), file.bytes.size());
  }
  if (size < 0) return wrong(path, "cannot be read: it is no regular file");
  if (static_cast<std::size_t>(size) > kMaxFileBytes) return wrong(path, "is larger than 1 MiB, which no key is");
  file.bytes.resize(static_cast<std::size_t>(size));
  return file;
}

// A group may read a key of root's: that is how Debian hands keys to services.
Result<void> check_permissions(const std::filesystem::path& path, const struct stat& about) {
  const mode_t loose = about.st_uid == 0 ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if ((about.st_mode & loose) == 0) return {};
  return wrong(path, fmt::format("holds a private key and others may read it (mode {:04o}): chmod 600 it",
                                 about.st_mode & 07777U));
}

BioPtr reader(const std::string& bytes) {
  return BioPtr(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<KeyPtr> read_key(const std::filesystem::path& path) {
  auto file = read_file(path);
  if (!file) return std::unexpected(file.error());
  if (auto safe = check_permissions(path, file->about); !safe) return std::unexpected(safe.error());
  bool encrypted = false;
  KeyPtr key(PEM_read_bio_PrivateKey(reader(file->bytes).get(), nullptr, no_passphrase, &encrypted));
  OPENSSL_cleanse(file->bytes.data(), file->bytes.size());
  ERR_clear_error();
  if (encrypted) return wrong(path, "needs a passphrase; decrypt it with: openssl pkey -in FILE -out NEW");
  if (!key) return wrong(path, "holds no private key in PEM form");
  return key;
}

std::string date_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unreadable date";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// The server's own first.
Result<std::vector<CertificatePtr>> read_certificates(const std::filesystem::path& path) {
  const auto file = read_file(path);
  if (!file) return std::unexpected(file.error());
  const BioPtr bio = reader(file->bytes);
  std::vector<CertificatePtr> certificates;
  while (X509* one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) certificates.emplace_back(one);
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (certificates.empty()) return wrong(path, "holds no certificate in PEM form");
  if (!at_end) return wrong(path, fmt::format("certificate {} is damaged", certificates.size() + 1));
  for (const CertificatePtr& one : certificates) {
    const ASN1_TIME* begin = X509_get0_notBefore(one.get());
    const ASN1_TIME* end = X509_get0_notAfter(one.get());
    if (X509_cmp_current_time(end) <= 0) return wrong(path, fmt::format("expired at {}", date_text(end)));
    if (X509_cmp_current_time(begin) >= 0) return wrong(path, fmt::format("is not valid before {}", date_text(begin)));
  }
  return certificates;
}

int choose_http_1_1(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* match = nullptr;
  const int found = SSL_select_next_proto(&match, chosen_size, kOurs, sizeof kOurs - 1, offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::shared_ptr<SSL_CTX>> make_context(const TlsFiles& files, const std::vector<CertificatePtr>& certificates,
                                              EVP_PKEY* key) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context) return fail(ErrorCode::internal, "TLS: " + library_error());
  SSL_CTX* const c = context.get();
  SSL_CTX_set_security_level(c, kSecurityLevel);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(c, choose_http_1_1, nullptr);
  if (SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) != 1 || SSL_CTX_set_cipher_list(c, kCiphers) != 1) {
    return fail(ErrorCode::internal, "TLS: " + library_error());
  }
  const StackPtr chain(sk_X509_new_null());
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    X509_up_ref(certificates[i].get());
    sk_X509_push(chain.get(), certificates[i].get());
  }
  if (X509_check_private_key(certificates.front().get(), key) != 1) {
    ERR_clear_error();
    return wrong(files.key, fmt::format("is not the key of the certificate in {}", files.certificate.string()));
  }
  if (SSL_CTX_use_cert_and_key(c, certificates.front().get(), key, chain.get(), 1) != 1) {
    return wrong(files.certificate, library_error());
  }
  return context;
}

std::int64_t seconds_since_1970(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? ::timegm(&parts) : 0;
}

}  // namespace

Result<std::shared_ptr<Tls>> Tls::load(TlsFiles files) {
  std::shared_ptr<Tls> tls(new Tls(std::move(files)));
  if (auto loaded = tls->reload(); !loaded) return std::unexpected(loaded.error());
  return tls;
}

Result<void> Tls::reload() {
  const auto certificates = read_certificates(files_.certificate);
  if (!certificates) return std::unexpected(certificates.error());
  const auto key = read_key(files_.key);
  if (!key) return std::unexpected(key.error());
  auto fresh = make_context(files_, *certificates, key->get());
  if (!fresh) return std::unexpected(fresh.error());
  const std::lock_guard lock(mutex_);
  context_ = std::move(*fresh);
  expires_s_ = seconds_since_1970(X509_get0_notAfter(certificates->front().get()));
  return {};
}

std::shared_ptr<ssl_ctx_st> Tls::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

std::int64_t Tls::expires_s() const {
  const std::lock_guard lock(mutex_);
  return expires_s_;
}

}  // namespace sightline::http
