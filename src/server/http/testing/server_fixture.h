// A server with a few routes, for tests over real sockets.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <latch>
#include <mutex>
#include <semaphore>

#include "server/http/server.h"
#include "testing/raw_http.h"

namespace sightline::http {

inline Response echo(Request& request) {
  Response response = text_response(200, request.method + " " + request.body);
  response.headers.emplace_back("X-Parameter", std::string(request.parameter("name")));
  return response;
}

inline Route make_route(std::string method, std::string pattern, std::function<Response(Request&)> handle,
                        std::size_t max_body_bytes = 0, Pool pool = Pool::query) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.pool = pool;
  route.max_body_bytes = max_body_bytes;
  route.handle = std::move(handle);
  return route;
}

class HttpServer : public ::testing::Test {
 protected:
  HttpServer() {
    router.add(make_route("GET", "/echo/{name}", echo));
    router.add(make_route("POST", "/echo", echo, 1000));
    router.add(make_route("GET", "/inline", echo, 0, Pool::inline_));
    router.add(make_route("GET", "/throw", [](Request&) -> Response { throw std::runtime_error("broken"); }));
  }

  void start() {
    auto started = Server::start(std::move(options), std::move(router), [this](const Exchange& exchange) {
      const std::lock_guard lock(mutex);
      exchanges.push_back(exchange);
      changed.notify_all();
    });
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }

  Exchange exchange(std::size_t index) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return exchanges.size() > index; });
    return exchanges[index];
  }

  sightline::testing::RawResponse ask(std::string_view request) {
    sightline::testing::RawClient client(server->port());
    return client.ask(request);
  }

  Options options;
  Router router;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Exchange> exchanges;
  std::unique_ptr<Server> server;  // last: it reports to the members above until it has stopped
};

// A handler that answers only when it is let go.
struct UntilReleased {
  std::latch entered{1};
  std::latch release{1};
  Response operator()(Request& request) {
    entered.count_down();
    release.wait();
    return echo(request);
  }
};

// A handler that ends only when it is asked to stop.
struct UntilStopped {
  std::latch entered{1};
  Response operator()(Request& request) {
    std::binary_semaphore stopped{0};
    const std::stop_callback callback(request.stop, [&] { stopped.release(); });
    entered.count_down();
    stopped.acquire();
    return text_response(200, "stopped");
  }
};

}  // namespace sightline::http
