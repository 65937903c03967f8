// Which CloudTrail events were seen: what it takes to mark a second delivery of the same event as a copy.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/error.h"

namespace sightline::control {

class Database;

// 128 bits of SHA-256 over account and eventID, and the place of the first event that carried them.
struct CopyFingerprint {
  std::array<std::uint8_t, 16> fingerprint{};
  std::uint32_t index = 0;  // of the event in its batch
};

struct BatchFingerprints {
  std::uint64_t batch = 0;
  std::int64_t received_time_ms = 0;
  std::vector<CopyFingerprint> fingerprints;
};

// Up to where fingerprints were let go of.
struct CopyHorizon {
  std::uint64_t forgotten_below = 0;    // batches with a smaller number; 0: none ever
  std::int64_t forgotten_until_ms = 0;  // the latest received_time among them
};

// Fingerprints by batch, appended in the transaction of the commit. Thread-safe. Errors: corrupt, unavailable.
class CopyTable {
 public:
  explicit CopyTable(Database& database) : database_(database) {}

  // Batches ascending.
  Result<void> for_each(const std::function<void(const BatchFingerprints&)>& visit);
  Result<CopyHorizon> horizon();
  // Deletes the rows below the horizon, which only ever moves up.
  Result<void> forget(const CopyHorizon& horizon);

 private:
  Database& database_;
};

}  // namespace sightline::control
