// Learns the vocabulary of what a store held when it was opened.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/error.h"
#include "store/clickhouse/embedded/connection.h"
#include "store/clickhouse/schema.h"
#include "store/clickhouse/vocabulary.h"

namespace sightline::store::clickhouse {

// Reads the columns that the content says have values, a day at a time, and then declares all of them complete. What is
// inserted meanwhile has to be added by whoever inserts it. Errors: cancelled, unavailable; nothing is complete then.
Result<void> load_vocabulary(Connection& connection, const Content& content, Vocabulary& vocabulary,
                             const std::stop_token& stop);

// Does it once, in a thread of its own, which the destructor ends. Where it fails searches read what they could have
// left out.
class VocabularyLoader {
 public:
  // `content` is that of the store before anything is inserted. Without values in it there is nothing to do, and the
  // vocabulary is complete at once.
  VocabularyLoader(std::unique_ptr<Connection> connection, std::shared_ptr<const Content> content,
                   Vocabulary& vocabulary);

  // Begins, where it has not yet begun. Thread-safe.
  void start();

 private:
  std::unique_ptr<Connection> connection_;
  std::shared_ptr<const Content> content_;
  Vocabulary& vocabulary_;
  std::once_flag started_;
  std::jthread thread_;  // declared last: uses the others
};

}  // namespace sightline::store::clickhouse
