// Input that could not be decoded, kept within bounds so that it can be read and repaired.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::control {

class Database;

struct QuarantineLimits {
  std::uint64_t source_bytes = 4ULL << 20;  // a source of a principal
  std::uint64_t total_bytes = 64ULL << 20;
  std::uint64_t sources = 10'000;  // counted one by one; those beyond share one line
};

struct QuarantineRow {
  std::uint64_t id = 0;  // ascending in the order of arrival
  std::int64_t received_time_ms = 0;
  std::uint64_t batch = 0;
  std::string principal;
  std::string source;
  std::string format;
  std::uint64_t line = 0;
  std::string error;
  std::string bytes;             // cut to sources::kMaxRejectedBytes
  std::uint64_t size_bytes = 0;  // whole
};

// Where the oldest rows made way, `dropped` counts them; those a decoder had already let go of count too.
struct QuarantineCount {
  std::string principal;
  std::string source;
  std::uint64_t rejected = 0;  // ever
  std::uint64_t dropped = 0;   // of these no longer, or never, kept
};

struct QuarantineFilter {
  std::string principal;                // empty: any
  std::string source;                   // empty: any
  std::string format;                   // empty: any
  std::string reason;                   // part of the error; empty: any
  std::optional<std::int64_t> from_ms;  // from ≤ received < to
  std::optional<std::int64_t> to_ms;
  std::optional<std::uint64_t> before;  // rows with a smaller id: the next page
};

// Thread-safe. Errors: corrupt, unavailable.
class QuarantineTable {
 public:
  explicit QuarantineTable(Database& database) : database_(database) {}

  // Newest first; `limit` at most 1,000.
  Result<std::vector<QuarantineRow>> list(const QuarantineFilter& filter, std::uint32_t limit);
  Result<std::vector<QuarantineCount>> counts();

 private:
  Database& database_;
};

}  // namespace sightline::control
