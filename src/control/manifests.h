// The manifest of every committed batch, and the hash chain over them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "control/chain_head.h"
#include "event/event.h"

namespace sightline::control {

class Database;

// What was committed. Never changed after it is written; every member but `link` is hashed into `link`.
struct Manifest {
  std::uint64_t number = 0;  // from 1, without gaps
  BatchKey key;
  Sha256Digest body_hash{};  // of the request body as received
  std::string format;
  std::int64_t received_time_ms = 0;
  std::uint64_t event_count = 0;
  bool recovered = false;       // written at start, for a batch that a crash had left without its manifest
  Sha256Digest content_hash{};  // over the canonical form of each event, in order
  Sha256Digest alerts_hash{};   // over the alerts that the batch opened and their evidence (alert_table.h)
  Sha256Digest link{};          // SHA-256(link of number - 1, all members above); 32 zero bytes before the first
};

// The link that follows `previous`.
Sha256Digest chain_link(const Sha256Digest& previous, const Manifest& manifest);

// A line of the request that was not stored, as the sender is told.
struct RejectedLine {
  std::uint64_t line = 0;  // from 1
  std::string error;
  bool operator==(const RejectedLine&) const = default;
};

// What the sender was told. Kept beside the manifest; absent after a recovery, and for old batches.
struct StoredAnswer {
  std::uint64_t accepted = 0;        // events
  std::uint64_t rejected_count = 0;  // may exceed rejected.size()
  std::vector<RejectedLine> rejected;
};

// Thread-safe. Errors of all: corrupt, unavailable.
class ManifestTable {
 public:
  explicit ManifestTable(Database& database) : database_(database) {}

  Result<ChainHead> head();  // the newest manifest
  Result<ChainEnd> end();
  Result<std::optional<Manifest>> find(const BatchKey& key);
  Result<std::optional<Manifest>> read(std::uint64_t number);
  // Manifests with first ≤ number, ascending, at most `limit`.
  Result<std::vector<Manifest>> read_range(std::uint64_t first, std::uint32_t limit);
  Result<std::optional<StoredAnswer>> answer(std::uint64_t number);
  // Events of a principal in batches received since then. Reads all manifests.
  Result<std::uint64_t> events_since(std::string_view principal, std::int64_t since_ms);

 private:
  Database& database_;
};

}  // namespace sightline::control
