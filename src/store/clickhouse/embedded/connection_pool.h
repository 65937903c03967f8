// Connections for searches that run at the same time.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "store/clickhouse/embedded/connection.h"

namespace sightline::store::clickhouse {

// Thread-safe. Outlives its leases.
class ConnectionPool {
 public:
  // Errors: unavailable.
  static Result<std::unique_ptr<ConnectionPool>> open(Engine& engine, unsigned size);

  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_ != nullptr) pool_->give_back(std::move(connection_));
    }
    Connection* operator->() const { return connection_.get(); }
    Connection& operator*() const { return *connection_; }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Waits for a free connection. Errors: cancelled.
  Result<Lease> take(const std::stop_token& stop);

 private:
  void give_back(std::unique_ptr<Connection> connection);

  std::mutex mutex_;
  std::condition_variable_any returned_;
  std::vector<std::unique_ptr<Connection>> free_;
};

}  // namespace sightline::store::clickhouse
