// Whether the engine can read what it stored.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"

namespace sightline::store {

struct StoreCheck {
  std::string engine_version;
  std::uint32_t schema_version = 0;  // of the data; 0: none
  std::uint64_t events = 0;
  std::int64_t newest_event_ms = 0;  // 0: no events
  std::vector<std::string> tables;   // all of them
  std::vector<std::string> damage;   // "TABLE: PART: what is wrong"
};

// The versions that this program reads.
std::uint32_t oldest_schema_version();
std::uint32_t newest_schema_version();

// Opens the engine on the directory and reads every part against its checksums; where this program does not read that
// schema version, only versions and tables are told. The engine may change the directory as it does at any start: give
// it a copy (store_files.h). One engine a process.
// Errors: unavailable: it does not open; corrupt; cancelled: `stop` was requested, which is asked between partitions.
Result<StoreCheck> check_embedded(const std::string& directory, const std::stop_token& stop);

}  // namespace sightline::store
