// Which CloudTrail events were seen: what it takes to mark a second delivery of the same event as a copy.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/error.h"

namespace sightline::control {

class Database;

// 128 bits of SHA-256(recipientAccountId, eventID) and the place of the first event that carried them.
struct CopyFingerprint {
  std::array<std::uint8_t, 16> fingerprint{};
  std::uint32_t index = 0;  // of the event in its batch
};

// Fingerprints by batch, appended in the commit's transaction. Thread-safe. Errors: corrupt, unavailable.
class CopyTable {
 public:
  explicit CopyTable(Database& database) : database_(database) {}

  // Batches ascending.
  Result<void> for_each(const std::function<void(std::uint64_t batch, const std::vector<CopyFingerprint>&)>& visit);
  // Forgets the batches below `batch`; from then on forgotten_below() says so.
  Result<void> forget_below(std::uint64_t batch);
  // 0: nothing was ever forgotten.
  Result<std::uint64_t> forgotten_below();

 private:
  Database& database_;
};

}  // namespace sightline::control
