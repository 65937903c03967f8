// sightlined with a certificate, and sightline that checks it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "harness/program.h"
#include "testing/certificates.h"
#include "testing/temporary_directory.h"

namespace sightline::testing {
namespace {

using ::testing::HasSubstr;

class TlsSystem : public ::testing::Test {
 protected:
  Outcome status(const ServerProcess& server, const std::string& host, const std::string& ca_file) const {
    std::vector<std::string> command{program("sightline"), "status", "--server",
                                     "https://" + host + ":" + std::to_string(server.port())};
    if (!ca_file.empty()) command.insert(command.end(), {"--ca-file", ca_file});
    return run_program(command, server.client_environment());
  }
  std::vector<std::string> arguments() const { return {"--tls-cert", files.certificate, "--tls-key", files.key}; }
  std::vector<std::string> serve(const std::vector<std::string>& more) const {
    std::vector<std::string> command{program("sightlined"), "serve", "--data", directory.path() / "data"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }

  TemporaryDirectory directory;
  CertificateFiles files = make_certificate(directory.path(), "server", {.names = "DNS:localhost"});
};

TEST_F(TlsSystem, TheClientChecksAuthorityAndName) {
  const ServerProcess server(directory.path() / "data", arguments());
  EXPECT_EQ(server.url().substr(0, 8), "https://");
  const Outcome trusted = status(server, "localhost", files.certificate);
  EXPECT_EQ(trusted.exit_code, 0) << trusted.err;
  const Outcome unknown = status(server, "localhost", "");
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.err, HasSubstr("--ca-file"));
  const Outcome misnamed = status(server, "127.0.0.1", files.certificate);
  EXPECT_EQ(misnamed.exit_code, 3);
  EXPECT_THAT(misnamed.err, HasSubstr("does not prove who it is"));
}

TEST_F(TlsSystem, HangupLoadsANewCertificate) {
  const ServerProcess server(directory.path() / "data", arguments());
  const std::filesystem::path old = directory.path() / "old.pem";
  std::filesystem::copy_file(files.certificate, old);
  files = make_certificate(directory.path(), "server", {.names = "DNS:localhost"});
  EXPECT_EQ(status(server, "localhost", old).exit_code, 0);
  ASSERT_EQ(::kill(server.pid(), SIGHUP), 0);
  while (status(server, "localhost", files.certificate).exit_code != 0) std::this_thread::yield();
  EXPECT_EQ(status(server, "localhost", old).exit_code, 3);
}

TEST_F(TlsSystem, BadFilesAndPlainHttpBeyondLoopbackAreRefused) {
  const Outcome half = run_program(serve({"--tls-cert", files.certificate}));
  EXPECT_EQ(half.exit_code, 2);
  EXPECT_THAT(half.err, HasSubstr("--tls-key"));
  const Outcome exposed = run_program(serve({"--listen", "0.0.0.0:0"}));
  EXPECT_EQ(exposed.exit_code, 2);
  EXPECT_THAT(exposed.err, HasSubstr("--allow-plain-http"));
  std::filesystem::permissions(files.key, std::filesystem::perms::all);
  const Outcome readable =
      run_program(serve({"--listen", "0.0.0.0:0", "--tls-cert", files.certificate, "--tls-key", files.key}));
  EXPECT_EQ(readable.exit_code, 2);
  EXPECT_THAT(readable.err, HasSubstr("chmod 600"));
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "data"));
}

}  // namespace
}  // namespace sightline::testing
