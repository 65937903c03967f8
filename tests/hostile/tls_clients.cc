// What is done to the port below HTTP: TLS where it is not spoken, and everything but TLS where it is.
#include <fmt/format.h>

#include "hostile/case.h"
#include "hostile/payloads.h"
#include "testing/raw_tls.h"

namespace sightline::hostile {

namespace {

using testing::RawClient;
using testing::RawTlsClient;
using namespace std::string_literals;

// Bytes that are no TLS, sent to the port as they are.
std::string raw(const Target& target, std::string_view bytes, std::string_view expected) {
  RawClient client(target.port(), Target::kHostileAddress);
  client.send(bytes);
  return outcome_of(client, expected);
}

std::string handshake(const Target& target, const RawTlsClient::Settings& settings) {
  return RawTlsClient(target.port(), Target::kHostileAddress, settings).shook_hands() ? "open" : "closed";
}

std::string renegotiates(const Target& target) {
  RawTlsClient client(target.port(), Target::kHostileAddress,
                      [](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION); });
  SSL_renegotiate(client.ssl());
  return SSL_do_handshake(client.ssl()) == 1 &&
                 client.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200
             ? "renegotiated"
             : "refused";
}

// A thousand changes of keys, and then a request.
std::string changes_keys(const Target& target) {
  RawTlsClient client(target.port(), Target::kHostileAddress);
  for (int i = 0; i < 30; ++i) {
    SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(client.ssl());
  }
  const int status = client.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status;
  return status == 200 ? "200 open" : "closed";
}

std::string cut_handshakes(const Target& target, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    RawClient client(target.port(), Target::kHostileAddress);
    client.send("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s);
    client.reset();
  }
  return target.ask("GET", "/healthz", "").status == 200 ? "served" : "not served";
}

}  // namespace

const std::vector<Play>& tls_clients() {
  static const std::vector<Play> kPlays = {
      {"tls", "plain HTTP", "400 closed",
       [](const Target& t) { return raw(t, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400 closed"); }},
      {"tls", "a handshake that stalls", "closed",
       [](const Target& t) { return raw(t, "\x16\x03\x01\x02"s, "closed"); }},
      {"tls", "noise", "closed", [](const Target& t) { return raw(t, noise(10'000, 4), "closed"); }},
      {"tls", "a record of 64 KiB", "closed",
       [](const Target& t) { return raw(t, "\x16\x03\x01\xff\xff"s + noise(65'535, 5), "closed"); }},
      {"tls", "empty records", "closed",
       [](const Target& t) { return raw(t, repeated("\x16\x03\x01\0\0"s, 1'000), "closed"); }},
      {"tls", "a hello of SSL 2", "closed",
       [](const Target& t) { return raw(t, "\x80\x2e\x01\0\x02\0\x15\0\0\0\x10\x01\0\x80\x02\0\x80"s, "closed"); }},
      {"tls", "alerts", "closed",
       [](const Target& t) { return raw(t, repeated("\x15\x03\x01\0\x02\x01\0"s, 1'000), "closed"); }},
      {"tls", "a heartbeat", "closed",
       [](const Target& t) { return raw(t, "\x18\x03\x02\0\x03\x01\x40\0"s, "closed"); }},
      {"tls", "data before a handshake", "closed",
       [](const Target& t) { return raw(t, "\x17\x03\x03\0\x05hello"s, "closed"); }},
      {"tls", "version 1.1", "closed",
       [](const Target& t) {
         return handshake(t, [](SSL_CTX* context) {
           SSL_CTX_set_security_level(context, 0);
           SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
           SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
         });
       }},
      {"tls", "a cipher without forward secrecy", "closed",
       [](const Target& t) {
         return handshake(t, [](SSL_CTX* context) {
           SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
           SSL_CTX_set_cipher_list(context, "AES256-SHA:AES256-GCM-SHA384");
         });
       }},
      {"tls", "HTTP/2 alone", "closed",
       [](const Target& t) {
         return handshake(t, [](SSL_CTX* context) {
           SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>("\x02h2"), 3);
         });
       }},
      {"tls", "a renegotiation", "refused", renegotiates},
      {"tls", "30 changes of keys", "200 open", changes_keys},
      {"tls", "500 handshakes cut off", "served", [](const Target& t) { return cut_handshakes(t, 500); }},
  };
  return kPlays;
}

}  // namespace sightline::hostile
