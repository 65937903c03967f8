// What clients may take of the server: time, connections, threads; and what they meet when it stops.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <thread>

#include "server/http/testing/server_fixture.h"

namespace sightline::http {
namespace {

using sightline::testing::RawClient;
using namespace std::chrono_literals;

// ---- slow clients: short time-outs, and the test waits for the server's answer

TEST_F(HttpServer, EndsASlowHead) {
  options.limits.head_timeout = 20ms;
  start();
  RawClient client(server->port());
  client.send("GET /echo/x HTTP/1.1\r\nHost:");
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HttpServer, EndsAnIdleConnectionWithoutAWord) {
  options.limits.idle_timeout = 20ms;
  start();
  RawClient client(server->port());
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(HttpServer, EndsASlowBody) {
  options.limits.body_idle_timeout = 20ms;
  start();
  RawClient client(server->port());
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhel");
  EXPECT_EQ(client.read().status, 408);
  EXPECT_EQ(server->load().inflight_body_bytes, 0U);
}

TEST_F(HttpServer, EndsABodyThatDripsForever) {
  options.limits.body_timeout = 50ms;
  router.add(make_route("POST", "/large", echo, 100'000'000));
  start();
  RawClient client(server->port());
  client.send("POST /large HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n");
  const auto answered = [&] {
    const std::lock_guard lock(mutex);
    return !exchanges.empty();
  };
  while (!answered()) client.send("x");
  EXPECT_EQ(exchange(0).status, 408);
}

TEST_F(HttpServer, EndsAClientThatDoesNotRead) {
  options.limits.write_timeout = 20ms;
  router.add(make_route("GET", "/large", [](Request&) { return text_response(200, std::string(64U << 20U, 'x')); }));
  start();
  RawClient client(server->port());
  client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(exchange(0).response_bytes, 0U);  // reported once the server gave up
  EXPECT_FALSE(client.read().complete);
}

TEST_F(HttpServer, BoundsTheNumberOfConnections) {
  options.limits.max_connections = 1;
  UntilReleased handler;
  router.add(make_route("GET", "/slow", std::ref(handler)));
  start();
  RawClient first(server->port());
  first.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  handler.entered.wait();  // so it is not idle
  RawClient second(server->port());
  EXPECT_EQ(second.read().status, 503);
  EXPECT_EQ(server->load().refused_connections, 1U);
  handler.release.count_down();
  EXPECT_EQ(first.read().status, 200);
}

TEST_F(HttpServer, AnIdleConnectionMakesWay) {
  options.limits.max_connections = 2;
  start();
  RawClient working(server->port());
  working.send("GET /echo/x HTTP/1.1\r\n");
  RawClient idle(server->port(), "127.0.0.2");
  while (server->load().connections < 2) std::this_thread::yield();
  RawClient fresh(server->port(), "127.0.0.3");
  EXPECT_EQ(fresh.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  EXPECT_TRUE(idle.closed_by_server());
  EXPECT_EQ(working.ask("Host: localhost\r\n\r\n").status, 200);
  EXPECT_EQ(server->load().displaced, 1U);
}

TEST_F(HttpServer, BoundsTheConnectionsOfOneAddress) {
  options.limits.max_connections_per_address = 1;
  start();
  RawClient first(server->port());
  EXPECT_EQ(first.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  RawClient second(server->port());
  const auto refused = second.read();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(server->load().refused_of_address, 1U);
  RawClient other(server->port(), "127.0.0.2");
  EXPECT_EQ(other.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  first.close();
  while (server->load().connections > 1) std::this_thread::yield();
  RawClient again(server->port());
  EXPECT_EQ(again.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
}

// Listening on `::`, the server sees IPv4 addresses within one /64.
TEST_F(HttpServer, CountsIpv4AddressesApartWhereItListensOnIpv6) {
  if (!std::filesystem::exists("/proc/net/if_inet6")) GTEST_SKIP() << "this machine has no IPv6";
  options.address = "::";
  options.limits.max_connections_per_address = 1;
  start();
  RawClient first(server->port(), "127.0.0.1");
  EXPECT_EQ(first.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  RawClient other(server->port(), "127.0.0.2");
  EXPECT_EQ(other.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  EXPECT_EQ(RawClient(server->port(), "127.0.0.1").read().status, 429);
}

// ---- pools

TEST_F(HttpServer, ASlowQueryDoesNotHoldUpIngest) {
  options.limits.query_threads = 1;
  options.limits.max_queued = 1;
  UntilReleased handler;
  router.add(make_route("GET", "/slow", std::ref(handler)));
  router.add(make_route("POST", "/ingest", echo, 100, Pool::ingest));
  start();
  RawClient slow(server->port());
  slow.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  handler.entered.wait();
  EXPECT_EQ(ask("POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na").status, 200);
  EXPECT_EQ(ask("GET /inline HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  EXPECT_EQ(server->load().query_running, 1U);

  RawClient queued(server->port());
  queued.send("GET /echo/queued HTTP/1.1\r\nHost: localhost\r\n\r\n");
  while (server->load().query_queued == 0) std::this_thread::yield();
  const auto refused = ask("GET /echo/refused HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("retry-after"), "1");

  handler.release.count_down();
  EXPECT_EQ(slow.read().status, 200);
  EXPECT_EQ(queued.read().status, 200);
}

class HttpServerAtWork : public HttpServer {
 protected:
  void SetUp() override {
    router.add(make_route("GET", "/wait", std::ref(handler)));
    start();
    client.emplace(server->port());
    client->send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n");
    handler.entered.wait();
  }

  UntilStopped handler;
  std::optional<RawClient> client;
};

TEST_F(HttpServerAtWork, StopsTheHandlerOfAClientThatLeaves) {
  client->close();
  EXPECT_EQ(exchange(0).pattern, "/wait");  // it came to an end
}

// ---- stopping

TEST_F(HttpServer, StopLetsRequestsFinish) {
  UntilReleased handler;
  router.add(make_route("GET", "/slow", std::ref(handler)));
  start();
  RawClient idle(server->port());
  EXPECT_EQ(idle.ask("GET /echo/x HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200);
  RawClient busy(server->port());
  busy.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  handler.entered.wait();
  std::jthread stopper([&] { server->stop(60s); });
  EXPECT_TRUE(idle.closed_by_server());
  handler.release.count_down();
  const auto response = busy.read();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("connection"), "close");
  stopper.join();
  EXPECT_FALSE(RawClient(server->port()).connected());
}

TEST_F(HttpServerAtWork, StopAsksHandlersToStopAfterTheGrace) {
  server->stop(0ms);
  EXPECT_EQ(client->read().status, 0);
}

TEST_F(HttpServer, SaysWhyItCannotListen) {
  start();
  Options same;
  same.port = server->port();
  const auto second = Server::start(std::move(same), Router(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  Options bad;
  bad.address = "localhost:80";
  EXPECT_FALSE(Server::start(std::move(bad), Router(), {}));
}

}  // namespace
}  // namespace sightline::http
