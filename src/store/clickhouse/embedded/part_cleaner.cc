#include "store/clickhouse/embedded/part_cleaner.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "base/descriptor.h"
#include "store/clickhouse/embedded/failed_writes.h"
#include "store/clickhouse/schema.h"

namespace sightline::store::clickhouse {
namespace {

// The engine itself waits for a second between two times.
constexpr std::chrono::seconds kInterval{2};

}  // namespace

PartCleaner::PartCleaner(std::unique_ptr<Connection> connection, std::string directory)
    : connection_(std::move(connection)),
      directory_(std::move(directory)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void PartCleaner::run(const std::stop_token& stop) {
  const std::string sql = fmt::format("SYSTEM START CLEANUP {}", kEventsTable);
  std::uint64_t failed_syncs = failed_directory_syncs();
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stopped.wait_for(lock, stop, kInterval, [&] { return stop.stop_requested(); })) {
    const std::uint64_t failed_now = failed_directory_syncs();
    if (failed_now != failed_syncs && !sync_file_system(directory_)) continue;
    failed_syncs = failed_now;
    // What cannot be removed now can be the next time.
    [[maybe_unused]] const Result<QueryOutput> told = connection_->query(sql, "Null");
  }
}

}  // namespace sightline::store::clickhouse
