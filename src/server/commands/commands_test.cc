#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <semaphore>
#include <vector>

#include "base/signals.h"
#include "server/commands/data_directory.h"
#include "server/commands/listen_address.h"
#include "server/commands/request_log.h"
#include "server/commands/size_text.h"
#include "testing/temporary_directory.h"

namespace sightline::commands {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ListenAddress, AcceptsLoopback) {
  const auto v4 = parse_listen_address("127.0.0.1:8080");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->address, "127.0.0.1");
  EXPECT_EQ(v4->port, 8080);
  EXPECT_EQ(parse_listen_address("localhost:0")->address, "127.0.0.1");
  EXPECT_EQ(parse_listen_address("127.9.8.7:1")->address, "127.9.8.7");
  const auto v6 = parse_listen_address("[::1]:65535");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address, "::1");
  EXPECT_EQ(v6->url_host, "[::1]");
  EXPECT_TRUE(check_exposure(*v4, false, false));
  EXPECT_TRUE(check_exposure(*v6, false, false));
}

TEST(ListenAddress, SaysThatOtherAddressesNeedTls) {
  for (const char* text : {"0.0.0.0:8080", "192.168.1.5:80", "[::]:80", "[fe80::1]:80", "[::ffff:127.0.0.1]:80"}) {
    const auto listen = parse_listen_address(text);
    ASSERT_TRUE(listen) << text;
    EXPECT_FALSE(listen->loopback) << text;
    const auto refused = check_exposure(*listen, false, false);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message, HasSubstr("TLS")) << text;
    EXPECT_TRUE(check_exposure(*listen, true, false)) << text;
    EXPECT_TRUE(check_exposure(*listen, false, true)) << text;
  }
}

TEST(ListenAddress, RefusesWhatIsNone) {
  for (const char* text : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                           "127.0.0.1:-1", "::1:80", "[127.0.0.1]:80", "example.org:80", "[::1:80"}) {
    const auto refused = parse_listen_address(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message, HasSubstr("HOST:PORT")) << text;
  }
}

TEST(DataDirectory, IsMadeForItsOwnerOnly) {
  const sightline::testing::TemporaryDirectory temporary;
  const auto made = make_data_directory(temporary.path() / "a" / "b");
  ASSERT_TRUE(made);
  EXPECT_EQ(std::filesystem::status(*made).permissions(), std::filesystem::perms::owner_all);
  EXPECT_TRUE(make_data_directory(*made));
  const auto found = find_data_directory(*made);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::not_found);
}

TEST(DataLock, IsHeldByOneAtATime) {
  const sightline::testing::TemporaryDirectory directory;
  {
    const auto held = DataLock::take(directory.path(), "sightlined serve");
    ASSERT_TRUE(held);
    const auto refused = DataLock::take(directory.path(), "sightlined verify");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr(fmt::format("in use by sightlined serve, process {}", ::getpid())));
  }
  EXPECT_TRUE(DataLock::take(directory.path(), "sightlined verify"));
}

TEST(DataLock, IsNotTakenThroughALink) {
  const sightline::testing::TemporaryDirectory directory;
  std::filesystem::create_symlink("elsewhere", directory.path() / "lock");
  EXPECT_EQ(DataLock::take(directory.path(), "sightlined serve").error().code, ErrorCode::unavailable);
}

TEST(SizeText, GoesBothWays) {
  EXPECT_EQ(size_text(512), "512 bytes");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(3ULL << 40), "3.0 TiB");
  EXPECT_EQ(parse_size("500GiB"), 500ULL << 30);
  EXPECT_EQ(parse_size("7"), 7U);
  for (const char* text : {"", "0", "GiB", "5GB", "5 GiB", "-1GiB", "1.5GiB", "16777216TiB", "99999999999999999999"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(StopOnSignal, TheFirstSignalRequestsAStop) {
  hold_signals();
  const StopOnSignal signal;
  std::binary_semaphore stopped(0);
  const std::stop_callback callback(signal.token(), [&] { stopped.release(); });
  ASSERT_EQ(::kill(::getpid(), SIGINT), 0);
  stopped.acquire();
  EXPECT_TRUE(signal.token().stop_requested());
}

TEST(RequestLog, HasNoQueryAndNoHeaders) {
  const SystemClock clock;
  std::vector<std::string> lines;
  Log log(clock, LogLevel::info, [&](std::string_view line) { lines.emplace_back(line); });
  api::Metrics metrics;
  const http::Observer observer = make_request_log(log, metrics);
  http::Exchange exchange;
  exchange.method = "POST";
  exchange.path = "/v1/" + std::string(500, 'x');
  exchange.pattern = "/v1/search";
  exchange.status = 200;
  exchange.principal = "token:1";
  observer(exchange);
  exchange.pattern = "/healthz";
  observer(exchange);  // at debug
  exchange.status = 500;
  observer(exchange);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr(R"("status":200)"));
  EXPECT_THAT(lines[0], HasSubstr(R"("principal":"token:1")"));
  EXPECT_LT(lines[0].size(), 500U);
  EXPECT_THAT(lines[1], HasSubstr(R"("level":"error")"));
}

}  // namespace
}  // namespace sightline::commands
