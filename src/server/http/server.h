// The HTTP/1.1 server, plain or over TLS: sockets, limits and threads in front of a Router.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "server/http/host_policy.h"
#include "server/http/router.h"
#include "server/http/tls.h"

namespace sightline::http {

struct Limits {
  // Beyond it an idle connection makes way; where there is none, the new one is
  // refused.
  std::size_t max_connections = 1024;
  std::size_t max_connections_per_address = 256;  // of IPv6, per /64
  std::size_t max_head_bytes = 16 * 1024;
  std::size_t max_header_count = 100;
  std::size_t max_inflight_body_bytes = 256 * 1024 * 1024;  // of all requests together
  std::chrono::milliseconds handshake_timeout{10'000};      // for the whole TLS handshake
  std::chrono::milliseconds idle_timeout{60'000};           // between two requests of a connection
  std::chrono::milliseconds head_timeout{10'000};           // from a head's first byte to its last
  std::chrono::milliseconds body_idle_timeout{30'000};      // without a byte of the body
  std::chrono::milliseconds body_timeout{300'000};          // for the whole body
  std::chrono::milliseconds write_timeout{30'000};          // without the client taking 64 KiB
  std::size_t ingest_threads = 128;  // each waits for a commit most of its time, and one commit takes many requests
  std::size_t query_threads = 4;
  std::size_t max_queued = 64;  // requests waiting for a thread, per pool
};

// One request and its answer, for the log and the metrics. The query and the headers are left out on purpose.
struct Exchange {
  std::string request_id;
  std::string method;                     // empty where the head could not be read
  std::string path;                       // as sent, without the query
  std::string pattern;                    // of the route; empty where none matched
  int status = 0;                         // 0: the client left before there was one
  std::chrono::microseconds duration{0};  // from the first byte of the head to the last byte of the answer
  std::uint64_t request_bytes = 0;        // of the body
  std::uint64_t response_bytes = 0;       // of the body
  std::string principal;
  std::string peer;
  std::string problem;  // what the transport or an exception said; empty in the normal case
};

// Called on the network thread: quick, thread-safe, does not throw.
using Observer = std::function<void(const Exchange&)>;

struct Options {
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 0;             // 0: the system chooses
  HostPolicy hosts;
  Limits limits;
  std::shared_ptr<const Tls> tls;  // null: plain HTTP
};

// Figures of the moment.
struct Load {
  std::size_t connections = 0;
  std::size_t inflight_body_bytes = 0;
  std::size_t ingest_queued = 0;
  std::size_t ingest_running = 0;
  std::size_t query_queued = 0;
  std::size_t query_running = 0;
  std::uint64_t refused_connections = 0;  // over max_connections, since the start
  std::uint64_t refused_of_address = 0;   // over max_connections_per_address, since the start
  std::uint64_t displaced = 0;            // idle connections closed to make way, since the start
  std::uint64_t failed_handshakes = 0;    // TLS, since the start
};

// Thread-safe. Handlers run on the pool their route names; everything else on one network thread.
class Server {
 public:
  // Listens and serves from then on. Errors: unavailable (the address cannot be listened on), invalid_input.
  static Result<std::unique_ptr<Server>> start(Options options, Router router, Observer observer);
  ~Server();  // stop(0)
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  Load load() const;

  // Accepts no more, closes idle connections, lets requests in flight finish for at most `grace`, then asks them to
  // stop and closes their connections. Returns once every handler has returned. May be called again.
  void stop(std::chrono::milliseconds grace);

 private:
  struct Core;
  explicit Server(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace sightline::http
