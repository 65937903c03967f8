#include "server/http/server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "server/http/connection.h"

namespace sightline::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{100};  // after an error such as too many open files
constexpr std::string_view kFullAnswer =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

}  // namespace

// Members are destroyed last to first: the network thread is joined in stop(), the pools before the io_context.
struct Server::Core {
  Core(Options options, Router router, Observer observer)
      : work(asio::make_work_guard(io)),
        acceptor(asio::make_strand(io)),
        shared{std::move(router),
               std::move(options.hosts),
               options.limits,
               std::move(observer),
               MemoryBudget(options.limits.max_inflight_body_bytes),
               WorkerPool(options.limits.ingest_threads, options.limits.max_queued),
               WorkerPool(options.limits.query_threads, options.limits.max_queued),
               std::move(options.tls)} {}

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
  tcp::acceptor acceptor;
  Shared shared;
  std::atomic<std::uint64_t> refused_connections{0};
  std::uint16_t port = 0;

  mutable std::mutex mutex;  // guards connections
  std::condition_variable changed;
  std::unordered_set<std::shared_ptr<Connection>> connections;
  bool stopped = false;
  std::jthread thread;

  Result<void> listen(const std::string& address, std::uint16_t wanted_port);
  asio::awaitable<void> accept();
  void serve(tcp::socket socket);
  std::size_t connection_count() const;
};

Result<void> Server::Core::listen(const std::string& address, std::uint16_t wanted_port) {
  boost::system::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return fail(ErrorCode::invalid_input, fmt::format("'{}' is not an IP address", address));
  const tcp::endpoint endpoint(parsed, wanted_port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot listen on {} port {}: {}", address, wanted_port, error.message()));
  }
  port = acceptor.local_endpoint().port();
  return {};
}

asio::awaitable<void> Server::Core::accept() {
  asio::steady_timer pause(acceptor.get_executor());
  while (!shared.stopping) {
    auto [error, socket] = co_await acceptor.async_accept(asio::make_strand(io), kAwait);
    if (shared.stopping || error == asio::error::operation_aborted) co_return;
    if (!error) {
      serve(std::move(socket));
      continue;
    }
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(kAwait);
  }
}

void Server::Core::serve(tcp::socket socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  if (connection_count() >= shared.limits.max_connections) {
    ++refused_connections;
    if (shared.tls) return;
    socket.non_blocking(true, ignored);
    socket.send(asio::buffer(kFullAnswer.data(), kFullAnswer.size()), 0, ignored);
    return;
  }
  const auto connection = std::make_shared<Connection>(std::move(socket), shared);
  {
    const std::lock_guard lock(mutex);
    connections.insert(connection);
  }
  asio::co_spawn(connection->executor(), connection->run(), [this, connection](const std::exception_ptr&) {
    const std::lock_guard lock(mutex);
    connections.erase(connection);
    changed.notify_all();
  });
}

std::size_t Server::Core::connection_count() const {
  const std::lock_guard lock(mutex);
  return connections.size();
}

Server::Server(std::unique_ptr<Core> core) : core_(std::move(core)) {}

Result<std::unique_ptr<Server>> Server::start(Options options, Router router, Observer observer) {
  const std::string address = options.address;
  const std::uint16_t port = options.port;
  auto core = std::make_unique<Core>(std::move(options), std::move(router), std::move(observer));
  if (auto listening = core->listen(address, port); !listening) return std::unexpected(listening.error());
  asio::co_spawn(core->acceptor.get_executor(), core->accept(), asio::detached);
  core->thread = std::jthread([core = core.get()] { core->io.run(); });
  return std::unique_ptr<Server>(new Server(std::move(core)));
}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

std::uint16_t Server::port() const { return core_->port; }

Load Server::load() const {
  return {core_->connection_count(),          core_->shared.body_memory.used_bytes(),
          core_->shared.ingest_pool.queued(), core_->shared.ingest_pool.running(),
          core_->shared.query_pool.queued(),  core_->shared.query_pool.running(),
          core_->refused_connections.load(),  core_->shared.failed_handshakes.load()};
}

void Server::stop(std::chrono::milliseconds grace) {
  if (core_->stopped) return;
  core_->stopped = true;
  core_->shared.stopping = true;
  asio::post(core_->acceptor.get_executor(), [core = core_.get()] {
    boost::system::error_code ignored;
    core->acceptor.close(ignored);
  });
  {
    std::unique_lock lock(core_->mutex);
    for (const auto& connection : core_->connections) connection->finish_soon();
    const auto all_gone = [&] { return core_->connections.empty(); };
    if (!core_->changed.wait_for(lock, grace, all_gone)) {
      for (const auto& connection : core_->connections) connection->abort();
      core_->changed.wait(lock, all_gone);
    }
  }
  core_->work.reset();
  core_->thread.join();
}

}  // namespace sightline::http
