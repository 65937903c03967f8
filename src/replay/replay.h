// Telemetry from a seed: the investigation among everyday events, and bulk for benchmarks.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/error.h"
#include "replay/answers.h"
#include "replay/output_file.h"

namespace sightline::replay {

struct ReplayOptions {
  std::filesystem::path folder;  // made where it is missing
  std::uint64_t seed = 1;
  std::uint64_t everyday = 100'000;  // everyday events, at least
  std::int64_t end_ms = 0;           // no event is later
  std::int64_t span_ms = 24L * 3'600'000;
  bool gzip = false;  // CloudTrail files, as AWS delivers them
};

inline constexpr std::int64_t kMinSpanMs = 3L * 3'600'000;  // the story needs room

// Writes host-*.audit.log, cloudtrail-*.json[.gz] and answers.json. The same options give the same bytes.
// Errors: invalid_input (times); unavailable (disk).
Result<ReplayContents> write_replay(const ReplayOptions& options);

struct BulkOptions {
  std::uint64_t seed = 1;
  std::uint64_t events = 0;  // CloudTrail: exactly; audit: at least
  std::int64_t end_ms = 0;
  std::int64_t span_ms = 24L * 3'600'000;
};

// CloudTrail records, one a line. Memory does not grow with the number.
void write_cloudtrail(const BulkOptions& options, OutputFile& out);
// One host's audit log; the number of events.
std::uint64_t write_audit(const BulkOptions& options, OutputFile& out);

}  // namespace sightline::replay
