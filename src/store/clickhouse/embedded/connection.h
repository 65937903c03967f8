// Connections to the engine inside this process: statements in, bytes in a ClickHouse format out. Everything that calls
// libchdb is in connection.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::store::clickhouse {

struct QueryOutput {
  std::string bytes;
  std::uint64_t scanned_rows = 0;
};

// One statement at a time; several connections run in parallel. Not thread-safe.
class Connection {
 public:
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs a statement to its end. `format` is the ClickHouse format of the output.
  // Errors: as explain_error() maps the engine's.
  Result<QueryOutput> query(std::string_view sql, std::string_view format);

  // The same, giving up soon after `stop` is requested (error: cancelled) and where the output is longer than
  // `max_bytes` (error: too_large).
  Result<QueryOutput> query(std::string_view sql, std::string_view format, const std::stop_token& stop,
                            std::uint64_t max_bytes);

  // `sql` is an INSERT without data; `blocks` are bytes in `format`, handed over in order, one commit at the end.
  // Where it fails, nothing is stored, but for a failure to sync a directory: then all of it is there and may be gone
  // after a power cut.
  Result<void> insert(std::string_view sql, std::string_view format, std::span<const std::string_view> blocks);

 private:
  friend class Engine;
  struct Handle;
  explicit Connection(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

// The engine of this process. Only one may exist at a time; its destructor must run after those of its connections and
// before main returns.
class Engine {
 public:
  // Errors: unavailable, where the directory is in use by another process or cannot be opened.
  static Result<std::unique_ptr<Engine>> start(std::string absolute_directory, std::vector<std::string> settings);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result<std::unique_ptr<Connection>> connect();
  static std::string version();

 private:
  Engine() = default;
  std::vector<std::string> arguments_;
  std::unique_ptr<Connection> first_;  // keeps the engine open between other connections
};

// The engine's message as one of our errors, with advice on limits.
Error explain_error(std::string_view message);

}  // namespace sightline::store::clickhouse
