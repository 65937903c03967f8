// Opens the event store on the ClickHouse engine that is linked into this process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "store/event_store.h"

namespace sightline::store {

struct EmbeddedOptions {
  std::string directory;                      // created where it is missing; made absolute
  unsigned readers = 3;                       // searches that run at the same time; more wait for a free connection
  unsigned search_threads = 0;                // of one search; 0: as many as the machine has cores
  std::uint64_t memory_bytes = 0;             // of the whole engine; 0: the engine's own choice
  std::size_t max_attribute_keys = 100'000;   // paths listed by number; values of others are kept under their names
  std::function<void(std::string_view)> log;  // engine version, migrations; may be empty
};

// One process per directory and one directory per process: the engine keeps global state. Opening again with the same
// data is idempotent; an older layout is migrated. The destructor ends every engine thread; run it before main returns.
// Errors: unavailable (another process has the directory, disk), conflict (the data was written by a newer version:
// the message names both), corrupt (the directory holds something else).
Result<std::unique_ptr<EventStore>> open_embedded(const EmbeddedOptions& options);

}  // namespace sightline::store
