// Learns what a store held when it was opened: its vocabulary and its newest batch.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/error.h"
#include "store/clickhouse/embedded/connection.h"
#include "store/clickhouse/embedded/newest_batch.h"
#include "store/clickhouse/schema.h"
#include "store/clickhouse/vocabulary.h"

namespace sightline::store::clickhouse {

// Reads the columns that the content says have values, a day at a time, and then declares all of them complete. What is
// inserted meanwhile has to be added by whoever inserts it. Errors: cancelled, unavailable, corrupt; nothing is
// complete then.
Result<void> load_vocabulary(Connection& connection, const Content& content, Vocabulary& vocabulary,
                             const std::stop_token& stop);

// The number of the newest batch of which the store has events; 0 where it has none. Errors: cancelled, unavailable,
// corrupt.
Result<std::uint64_t> load_newest_batch(Connection& connection, const std::stop_token& stop);

// Does both once, in a thread of its own, which the destructor ends. Where it fails searches read what they could have
// left out.
class ContentLoader {
 public:
  // `content` is that of the store before anything is inserted. An empty store is known at once.
  ContentLoader(std::unique_ptr<Connection> connection, std::shared_ptr<const Content> content, Vocabulary& vocabulary,
                NewestBatch& newest);

  // Begins, where it has not yet begun. Thread-safe.
  void start();

 private:
  Result<void> load(const std::stop_token& stop);

  std::unique_ptr<Connection> connection_;
  std::shared_ptr<const Content> content_;
  Vocabulary& vocabulary_;
  NewestBatch& newest_;
  std::once_flag started_;
  std::jthread thread_;  // declared last: uses the others
};

}  // namespace sightline::store::clickhouse
