// TLS: the files, and the server over real sockets.
#include "server/http/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <condition_variable>
#include <fstream>
#include <semaphore>

#include "server/http/server.h"
#include "testing/certificates.h"
#include "testing/raw_http.h"
#include "testing/temporary_directory.h"

namespace sightline::http {
namespace {

using sightline::testing::CertificateFiles;
using sightline::testing::CertificateSpec;
using sightline::testing::make_certificate;
using sightline::testing::RawClient;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

// One TLS connection to the server; blocking.
class TlsClient {
 public:
  using Settings = std::function<void(SSL_CTX*)>;
  explicit TlsClient(std::uint16_t port, const Settings& settings = {})
      : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    if (settings) settings(context_.get());
    bio_.reset(BIO_new_connect(("127.0.0.1:" + std::to_string(port)).c_str()));
    if (BIO_do_connect(bio_.get()) != 1) return;
    ssl_.reset(SSL_new(context_.get()));
    BIO_up_ref(bio_.get());
    SSL_set_bio(ssl_.get(), bio_.get(), bio_.get());
    connected_ = SSL_connect(ssl_.get()) == 1;
    ERR_clear_error();
  }
  bool connected() const { return connected_; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string server_name() const {
    const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(ssl_.get()), X509_free);
    char text[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, text, sizeof text);
    return text;
  }
  void send(std::string_view bytes) { SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  // Until `end` has come or the connection ends.
  std::string read_until(std::string_view end) {
    std::string text;
    char bytes[16384];
    while (!text.ends_with(end)) {
      const int size = SSL_read(ssl_.get(), bytes, sizeof bytes);
      if (size <= 0) break;
      text.append(bytes, static_cast<std::size_t>(size));
    }
    return text;
  }
  // Whether the server said that it ends here.
  bool was_told_the_end() {
    char byte = 0;
    return SSL_read(ssl_.get(), &byte, 1) == 0 && SSL_get_error(ssl_.get(), 0) == SSL_ERROR_ZERO_RETURN;
  }
  void say_goodbye() { SSL_shutdown(ssl_.get()); }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<BIO, decltype(&BIO_free_all)> bio_{nullptr, BIO_free_all};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  bool connected_ = false;
};

constexpr std::string_view kGet = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view kGetLast = "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

class TlsServer : public ::testing::Test {
 protected:
  TlsServer() {
    add("GET", "/hello", [](Request&) { return text_response(200, "hello"); });
    add("POST", "/size",
        [](Request& request) { return text_response(200, std::to_string(request.body.size()) + "!"); });
    add("GET", "/large", [](Request&) { return text_response(200, std::string(5'000'000, 'x') + "!"); });
  }

  void add(std::string method, std::string pattern, std::function<Response(Request&)> handle) {
    Route route;
    route.max_body_bytes = method == "POST" ? 10'000'000 : 0;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.pool = Pool::query;
    route.handle = std::move(handle);
    router.add(std::move(route));
  }

  void start() {
    auto loaded = Tls::load({files.certificate, files.key});
    ASSERT_TRUE(loaded) << loaded.error().message;
    tls = *loaded;
    options.tls = tls;
    auto started = Server::start(std::move(options), std::move(router), {});
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }

  sightline::testing::TemporaryDirectory directory;
  CertificateFiles files = make_certificate(directory.path(), "first");
  Options options;
  Router router;
  std::shared_ptr<Tls> tls;
  std::unique_ptr<Server> server;
};

TEST_F(TlsServer, SpeaksVersions1_2And1_3AndNoOlder) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server->port(), [&](SSL_CTX* context) {
      SSL_CTX_set_min_proto_version(context, version);
      SSL_CTX_set_max_proto_version(context, version);
    });
    ASSERT_TRUE(client.connected());
    client.send(kGet);
    EXPECT_THAT(client.read_until("hello"), HasSubstr("200 OK"));
  }
  const TlsClient old(server->port(), [](SSL_CTX* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  });
  EXPECT_FALSE(old.connected());
}

TEST_F(TlsServer, RefusesWeakCiphersAndOtherProtocols) {
  start();
  const TlsClient no_forward_secrecy(server->port(), [](SSL_CTX* context) {
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "AES256-SHA:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA256");
  });
  EXPECT_FALSE(no_forward_secrecy.connected());
  const TlsClient http_2(server->port(), [](SSL_CTX* context) {
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  });
  EXPECT_FALSE(http_2.connected());
  const TlsClient both(server->port(), [](SSL_CTX* context) {
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
  });
  EXPECT_TRUE(both.connected());
}

TEST_F(TlsServer, CarriesLargeBodiesBothWays) {
  start();
  TlsClient client(server->port());
  client.send("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3000000\r\n\r\n" +
              std::string(3'000'000, 'b'));
  EXPECT_THAT(client.read_until("!"), HasSubstr("\r\n\r\n3000000!"));
  client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_GT(client.read_until("!").size(), 5'000'000U);
  client.send(std::string(kGet) + std::string(kGetLast));
  EXPECT_THAT(client.read_until("nothing"), HasSubstr("helloHTTP/1.1 200"));
  EXPECT_TRUE(client.was_told_the_end());
}

TEST_F(TlsServer, SaysSoToPlainHttp) {
  start();
  RawClient client(server->port());
  const auto response = client.ask(kGet);
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("https://"));
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(server->load().failed_handshakes, 1U);
}

TEST_F(TlsServer, EndsHandshakesThatDoNotFinish) {
  options.limits.handshake_timeout = 20ms;
  start();
  RawClient silent(server->port());
  RawClient half(server->port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00", 7));
  EXPECT_TRUE(silent.closed_by_server());
  EXPECT_TRUE(half.closed_by_server());
  RawClient garbage(server->port());
  garbage.send(std::string(1000, '\xee'));
  garbage.read_to_end();
  EXPECT_EQ(server->load().failed_handshakes, 3U);
}

TEST_F(TlsServer, StopsWhileHandshakesAreOpen) {
  start();
  RawClient silent(server->port());
  while (server->load().connections == 0) std::this_thread::yield();
  server->stop(60s);  // does not wait for it
  EXPECT_TRUE(silent.closed_by_server());
}

TEST_F(TlsServer, ANewCertificateLeavesConnectionsAlone) {
  start();
  TlsClient before(server->port());
  EXPECT_EQ(before.server_name(), "first");
  const CertificateFiles second = make_certificate(directory.path(), "second");
  std::filesystem::rename(second.certificate, files.certificate);
  EXPECT_FALSE(tls->reload());  // the key is still the first one's
  EXPECT_EQ(TlsClient(server->port()).server_name(), "first");
  std::filesystem::rename(second.key, files.key);
  ASSERT_TRUE(tls->reload());
  EXPECT_EQ(TlsClient(server->port()).server_name(), "second");
  before.send(kGet);
  EXPECT_THAT(before.read_until("hello"), HasSubstr("200 OK"));
}

TEST_F(TlsServer, AHandlerIsStoppedWhenItsClientSaysGoodbye) {
  std::binary_semaphore started{0};
  std::binary_semaphore stopped{0};
  add("GET", "/wait", [&](Request& request) {
    const std::stop_callback on_stop(request.stop, [&] { stopped.release(); });
    started.release();
    stopped.acquire();
    return text_response(200, "");
  });
  start();
  auto client = std::make_unique<TlsClient>(server->port());
  client->send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
  started.acquire();
  client->say_goodbye();
  client.reset();
  server->stop(60s);  // hangs where nobody stops the handler
}

// ---- the files

class TlsFilesTest : public ::testing::Test {
 protected:
  static std::string problem(const CertificateFiles& files) {
    const auto loaded = Tls::load({files.certificate, files.key});
    if (loaded) return "";
    EXPECT_EQ(loaded.error().code, ErrorCode::invalid_input);
    return loaded.error().message;
  }
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    std::ofstream(directory.path() / name, std::ios::binary) << text;
    std::filesystem::permissions(directory.path() / name, std::filesystem::perms::owner_read);
    return directory.path() / name;
  }
  sightline::testing::TemporaryDirectory directory;
  const CertificateFiles good = make_certificate(directory.path(), "good");
};

TEST_F(TlsFilesTest, GoodOnesLoad) {
  EXPECT_EQ(problem(good), "");
  EXPECT_EQ(problem(make_certificate(directory.path(), "rsa", {.rsa_bits = 2048})), "");
}

TEST_F(TlsFilesTest, MissingAndOtherFilesAreNamed) {
  EXPECT_THAT(problem({directory.path() / "none.pem", good.key}), HasSubstr("none.pem: cannot be read: No such file"));
  EXPECT_THAT(problem({good.certificate, directory.path() / "none.key"}), HasSubstr("none.key: cannot be read"));
  EXPECT_THAT(problem({directory.path(), good.key}), HasSubstr("no regular file"));
  EXPECT_THAT(problem({good.key, good.key}), HasSubstr("holds no certificate"));
  EXPECT_THAT(problem({write("empty", ""), good.key}), HasSubstr("holds no certificate"));
  EXPECT_THAT(problem({good.certificate, write("no.key", "no key")}), HasSubstr("holds no private key"));
  EXPECT_THAT(problem({good.certificate, write("huge.key", std::string(2 << 20, 'x'))}), HasSubstr("1 MiB"));
}

TEST_F(TlsFilesTest, ADamagedChainIsRefused) {
  std::ifstream stream(good.certificate, std::ios::binary);
  const std::string pem{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(problem({write("twice.pem", pem + pem), good.key}), "");
  EXPECT_THAT(problem({write("cut.pem", pem + pem.substr(0, pem.size() / 2)), good.key}),
              HasSubstr("certificate 2 is damaged"));
}

TEST_F(TlsFilesTest, DatesAreChecked) {
  EXPECT_THAT(problem(make_certificate(directory.path(), "old", {.begins_s = -7200, .ends_s = -3600})),
              HasSubstr("expired at 2"));
  EXPECT_THAT(problem(make_certificate(directory.path(), "early", {.begins_s = 3600, .ends_s = 7200})),
              HasSubstr("is not valid before 2"));
}

TEST_F(TlsFilesTest, AKeyMustFitAndBeStrong) {
  const CertificateFiles other = make_certificate(directory.path(), "other");
  EXPECT_THAT(problem({good.certificate, other.key}), HasSubstr("is not the key of the certificate"));
  EXPECT_THAT(problem(make_certificate(directory.path(), "weak", {.rsa_bits = 1024})), HasSubstr("too small"));
  EXPECT_THAT(problem(make_certificate(directory.path(), "locked", {.passphrase = "secret"})),
              HasSubstr("needs a passphrase"));
}

TEST_F(TlsFilesTest, AKeyThatOthersMayReadIsRefused) {
  using std::filesystem::perms;
  std::filesystem::permissions(good.key, perms::owner_read | perms::others_read);
  EXPECT_THAT(problem(good), HasSubstr("others may read it (mode 0404)"));
  std::filesystem::permissions(good.key, perms::owner_read | perms::group_write);
  EXPECT_THAT(problem(good), HasSubstr("chmod 600"));
  std::filesystem::permissions(good.key, perms::owner_read);
  EXPECT_EQ(problem(good), "");
}

}  // namespace
}  // namespace sightline::http
