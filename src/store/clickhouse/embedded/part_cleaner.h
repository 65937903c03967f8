// Removes the parts that merges have replaced, while the store is open.
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "store/clickhouse/embedded/connection.h"

namespace sightline::store::clickhouse {

// The engine of a server looks for replaced parts by itself; embedded it does so only when its table is closed, or when
// it is told to start cleaning up, and then once. Without this the disk fills with parts that nobody reads. Merged
// parts are on disk before the parts they replace may go; where a directory could not be synced, the whole file system
// is synced first, and nothing is removed until that succeeds.
//
// Has a thread of its own, ended by the destructor.
class PartCleaner {
 public:
  // `directory` is the store's.
  PartCleaner(std::unique_ptr<Connection> connection, std::string directory);

 private:
  void run(const std::stop_token& stop);

  std::unique_ptr<Connection> connection_;
  std::string directory_;
  std::jthread thread_;  // declared last: uses the others
};

}  // namespace sightline::store::clickhouse
