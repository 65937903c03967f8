// Certificates and keys made when a test runs. Programs that include it link OpenSSL.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace sightline::testing {

// A pair of PEM files; the certificate signs itself and is its own authority (a client trusts it as such).
struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;  // mode 0600
};

struct CertificateSpec {
  std::string names = "DNS:localhost,IP:127.0.0.1";
  long begins_s = -3600;  // from now
  long ends_s = 3600;
  int rsa_bits = 0;          // 0: an elliptic curve
  std::string passphrase{};  // of the key; empty: none
};

namespace detail {

inline void add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value), X509_EXTENSION_free);
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) throw std::runtime_error("no extension");
}

inline void write_pem(const std::filesystem::path& path, X509* certificate) {
  FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr || PEM_write_X509(file, certificate) != 1) throw std::runtime_error("no certificate");
  std::fclose(file);
}

inline void write_pem(const std::filesystem::path& path, EVP_PKEY* key, const std::string& passphrase) {
  FILE* file = std::fopen(path.c_str(), "wb");
  const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
  const auto* secret = reinterpret_cast<const unsigned char*>(passphrase.data());
  const int size = static_cast<int>(passphrase.size());
  const bool done = file != nullptr && PEM_write_PrivateKey(file, key, cipher, passphrase.empty() ? nullptr : secret,
                                                            size, nullptr, nullptr) == 1;
  if (!done) throw std::runtime_error("no key");
  std::fclose(file);
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace detail

// Writes DIRECTORY/NAME.pem and DIRECTORY/NAME.key, over what is there.
inline CertificateFiles make_certificate(const std::filesystem::path& directory, const std::string& name,
                                         const CertificateSpec& spec = {}) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      spec.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(spec.rsa_bits)) : EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509* const x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), spec.begins_s);
  X509_gmtime_adj(X509_getm_notAfter(x), spec.ends_s);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  X509_set_pubkey(x, key.get());
  detail::add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
  detail::add_extension(x, NID_subject_alt_name, spec.names.c_str());
  if (X509_sign(x, key.get(), EVP_sha256()) <= 0) throw std::runtime_error("cannot sign");
  CertificateFiles files{directory / (name + ".pem"), directory / (name + ".key")};
  detail::write_pem(files.certificate, x);
  detail::write_pem(files.key, key.get(), spec.passphrase);
  return files;
}

}  // namespace sightline::testing
