#include "store/clickhouse/embedded/connection_pool.h"

#include <utility>

namespace sightline::store::clickhouse {

Result<std::unique_ptr<ConnectionPool>> ConnectionPool::open(Engine& engine, unsigned size) {
  auto pool = std::make_unique<ConnectionPool>();
  for (unsigned i = 0; i < size; ++i) {
    Result<std::unique_ptr<Connection>> connection = engine.connect();
    if (!connection) return std::unexpected(connection.error());
    pool->free_.push_back(std::move(*connection));
  }
  return pool;
}

Result<ConnectionPool::Lease> ConnectionPool::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!returned_.wait(lock, stop, [this] { return !free_.empty(); })) {
    return fail(ErrorCode::cancelled, "the search was cancelled");
  }
  std::unique_ptr<Connection> connection = std::move(free_.back());
  free_.pop_back();
  return Lease(*this, std::move(connection));
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace sightline::store::clickhouse
