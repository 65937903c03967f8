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
#include <unordered_map>

#include "server/http/connection.h"

namespace sightline::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{100};  // after an error such as too many open files
constexpr std::string_view kFullAnswer =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: text/plain\r\nContent-Length: 45\r\n"
    "Connection: close\r\n\r\nthis server has too many connections already\n";
constexpr std::string_view kAddressFullAnswer =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Type: text/plain\r\nContent-Length: 43\r\n"
    "Connection: close\r\n\r\nthis address has too many connections here\n";

// What connections are counted by: the address, of IPv6 the /64 that one host may choose from. A server that listens
// on `::` sees IPv4 addresses mapped into one such /64; each of them counts for itself.
std::string address_group(const tcp::socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  if (endpoint.address().is_v4()) return endpoint.address().to_string();
  const asio::ip::address_v6 address = endpoint.address().to_v6();
  if (address.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, address).to_string();
  const auto bytes = address.to_bytes();
  return {bytes.begin(), bytes.begin() + 8};
}

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
  std::atomic<std::uint64_t> refused_of_address{0};
  std::atomic<std::uint64_t> displaced{0};
  std::uint16_t port = 0;

  mutable std::mutex mutex;  // guards connections and of_address
  std::condition_variable changed;
  std::unordered_map<std::shared_ptr<Connection>, std::string> connections;  // with their address_group()
  std::unordered_map<std::string, std::size_t> of_address;                   // how many; none is 0
  bool stopped = false;
  std::jthread thread;

  Result<void> listen(const std::string& address, std::uint16_t wanted_port);
  asio::awaitable<void> accept();
  void serve(tcp::socket socket);
  void refuse(tcp::socket& socket, std::string_view answer) const;
  bool make_way();
  void forget(const std::shared_ptr<Connection>& connection);
  std::size_t connection_count() const;
  std::size_t connection_count(const std::string& address) const;
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
  const std::string address = address_group(socket);
  if (connection_count(address) >= shared.limits.max_connections_per_address) {
    ++refused_of_address;
    return refuse(socket, kAddressFullAnswer);
  }
  if (connection_count() >= shared.limits.max_connections && !make_way()) {
    ++refused_connections;
    return refuse(socket, kFullAnswer);
  }
  const auto connection = std::make_shared<Connection>(std::move(socket), shared);
  {
    const std::lock_guard lock(mutex);
    connections.emplace(connection, address);
    ++of_address[address];
  }
  asio::co_spawn(connection->executor(), connection->run(),
                 [this, connection](const std::exception_ptr&) { forget(connection); });
}

void Server::Core::refuse(tcp::socket& socket, std::string_view answer) const {
  if (shared.tls) return;
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.send(asio::buffer(answer.data(), answer.size()), 0, ignored);
}

// Closes an idle connection: of the address that has most of them, the one that has been idle longest. False where none
// is idle.
bool Server::Core::make_way() {
  const std::lock_guard lock(mutex);
  Connection* chosen = nullptr;
  std::size_t most = 0;
  std::chrono::steady_clock::time_point since;
  for (const auto& [connection, address] : connections) {
    const auto idle_since = connection->idle_since();
    if (!idle_since) continue;
    const std::size_t count = of_address[address];
    if (chosen != nullptr && (count < most || (count == most && *idle_since >= since))) continue;
    if (connection->has_bytes()) continue;
    chosen = connection.get();
    most = count;
    since = *idle_since;
  }
  if (chosen == nullptr) return false;
  ++displaced;
  chosen->make_way();
  return true;
}

void Server::Core::forget(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex);
  const auto found = connections.find(connection);
  const auto count = of_address.find(found->second);
  if (--count->second == 0) of_address.erase(count);
  connections.erase(found);
  changed.notify_all();
}

std::size_t Server::Core::connection_count(const std::string& address) const {
  const std::lock_guard lock(mutex);
  const auto found = of_address.find(address);
  return found == of_address.end() ? 0 : found->second;
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
  return {core_->connection_count(),
          core_->shared.body_memory.used_bytes(),
          core_->shared.ingest_pool.queued(),
          core_->shared.ingest_pool.running(),
          core_->shared.query_pool.queued(),
          core_->shared.query_pool.running(),
          core_->refused_connections.load(),
          core_->refused_of_address.load(),
          core_->displaced.load(),
          core_->shared.failed_handshakes.load()};
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
    for (const auto& [connection, address] : core_->connections) connection->finish_soon();
    const auto all_gone = [&] { return core_->connections.empty(); };
    if (!core_->changed.wait_for(lock, grace, all_gone)) {
      for (const auto& [connection, address] : core_->connections) connection->abort();
      core_->changed.wait(lock, all_gone);
    }
  }
  core_->work.reset();
  core_->thread.join();
}

}  // namespace sightline::http
