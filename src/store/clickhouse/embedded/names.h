// What the store knows about its own content (schema.h), kept up to date by inserts and in a small table.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/clickhouse/embedded/connection.h"
#include "store/clickhouse/encoder.h"
#include "store/clickhouse/schema.h"
#include "store/clickhouse/vocabulary.h"

namespace sightline::store::clickhouse {

// Thread-safe, but for learn(), which one writer calls.
class Names {
 public:
  // `max_keys`: attribute keys that get a number.
  explicit Names(std::size_t max_keys = AttributeKeys::kMax) : max_keys_(max_keys) {}

  Result<void> load(Connection& connection);

  // Makes what is new in `block` and `keys` known, in the table first. Call it before the block is inserted: knowing
  // too much is harmless. Errors: unavailable.
  Result<void> learn(Connection& connection, const EncodedBlock& block, const AttributeKeys& keys);

  std::shared_ptr<const Content> content() const;
  Vocabulary& vocabulary() { return *vocabulary_; }
  std::vector<std::string> attribute_paths() const;

 private:
  void publish(Content content);
  std::size_t max_keys_;
  std::shared_ptr<Vocabulary> vocabulary_ = std::make_shared<Vocabulary>();
  mutable std::mutex mutex_;
  std::shared_ptr<const Content> content_ = std::make_shared<Content>();
};

}  // namespace sightline::store::clickhouse
