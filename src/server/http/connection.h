// One client connection. Internal to the transport: the only header that names Asio.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>

#include "server/http/memory_budget.h"
#include "server/http/server.h"
#include "server/http/tls.h"
#include "server/http/worker_pool.h"

namespace sightline::http {

// What all connections share. Outlives them.
struct Shared {
  Router router;
  HostPolicy hosts;
  Limits limits;
  Observer observer;
  MemoryBudget body_memory;
  WorkerPool ingest_pool;
  WorkerPool query_pool;
  std::shared_ptr<const Tls> tls;  // null: plain HTTP
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> failed_handshakes{0};
};

// Lives as long as its coroutine runs. Everything happens on its strand but finish_soon() and abort(), which may be
// called from any thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  Connection(Socket socket, Shared& shared);

  boost::asio::awaitable<void> run();
  Socket::executor_type executor() { return socket_.get_executor(); }
  // Since when it waits for a handshake or for the first byte of a request. Only on the network thread.
  std::optional<std::chrono::steady_clock::time_point> idle_since() const { return idle_since_; }
  // Bytes have come that it has not read yet. Asks the system. Only on the network thread.
  bool has_bytes() const;

  // Closes an idle connection, which counts as idle no longer. Only on the network thread.
  void make_way();
  // Closes the connection where it is between two requests.
  void finish_soon();
  // Asks a running handler to stop and closes the connection.
  void abort();

 private:
  struct Turn;  // one request and its answer
  class ChunkWriter;

  void use_tls(const std::shared_ptr<ssl_ctx_st>& context);

  // Each returns false where the connection cannot go on.
  boost::asio::awaitable<bool> shake_hands();
  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<bool> read_head(Turn& turn);
  boost::asio::awaitable<void> answer(Turn& turn);
  boost::asio::awaitable<bool> read_body(Turn& turn);
  boost::asio::awaitable<bool> offer_to_continue(Turn& turn);
  boost::asio::awaitable<void> run_handler(Turn& turn, bool admit, bool handle);
  boost::asio::awaitable<void> send(Turn& turn);
  boost::asio::awaitable<void> drain();
  boost::asio::awaitable<void> finish_sending(std::chrono::milliseconds timeout);
  boost::asio::awaitable<bool> read_some(std::chrono::milliseconds timeout);
  boost::asio::awaitable<bool> write_all(std::string_view bytes);

  void parse_head(Turn& turn, std::size_t size);
  void find_route(Turn& turn);
  bool reserve_body(Turn& turn);
  void call_handler(Turn& turn, bool admit, bool handle);
  void stream_from_worker(Turn& turn);
  std::string response_head(Turn& turn) const;
  void watch_for_disconnect();
  void look_for_disconnect();
  void report(Turn& turn);
  void arm_deadline(std::chrono::milliseconds timeout);
  void disarm_deadline();

  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  Shared& shared_;
  std::string peer_;
  boost::beast::flat_buffer input_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer next_look_;  // for a disconnect behind bytes that nobody reads yet
  std::uint64_t deadline_generation_ = 0;
  bool timed_out_ = false;
  std::optional<std::chrono::steady_clock::time_point> idle_since_;
  bool handling_ = false;  // a handler runs
  bool watching_ = false;  // an asynchronous wait for readability is outstanding
  std::stop_source stop_;  // of the request at hand
};

}  // namespace sightline::http
