// What retention removed. The audit log is where that is kept: its hash chain covers each removal.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "control/manifests.h"

namespace sightline::control {

class Database;
struct AuditEntry;

inline constexpr std::string_view kRemovalAction = "retention.remove";

// One entry of the audit log: the batches that were received before a time, with numbers up to what was the newest
// then. Their events are no longer kept; their manifests and alerts are.
struct Removal {
  std::int64_t received_before_ms = 0;
  std::uint64_t newest_batch = 0;
  std::uint64_t batches = 0;      // of those, with events, that no removal before had taken
  std::uint64_t events = 0;       // in them
  std::uint64_t quarantined = 0;  // quarantined lines that went with it

  bool covers(const Manifest& manifest) const {
    return manifest.received_time_ms < received_before_ms && manifest.number <= newest_batch;
  }
};

// The removal that the entry speaks of; nullopt where it is about something else, or not as this program writes it.
std::optional<Removal> parse_removal(const AuditEntry& entry);

// What all removals together took; the last of them covers whatever those before covered.
struct Removed {
  std::int64_t received_before_ms = 0;
  std::uint64_t newest_batch = 0;
  std::uint64_t batches = 0;
  std::uint64_t events = 0;
  std::uint64_t quarantined = 0;
};

// Thread-safe. Errors: corrupt, unavailable.
class RetentionTable {
 public:
  static Result<std::unique_ptr<RetentionTable>> load(Database& database);

  // Retires all batches received before `received_before_ms` and deletes quarantined lines as old, in one transaction
  // with the entry of the audit log, whose text ends with `why`. nullopt where nothing is as old that is not retired
  // already. The events are the caller's to remove, afterwards.
  Result<std::optional<Removal>> retire(std::int64_t received_before_ms, std::int64_t now_ms, std::string_view why);

  // nullopt: nothing was ever removed. Costs nothing.
  std::optional<Removed> removed() const;

 private:
  explicit RetentionTable(Database& database) : database_(database) {}
  void note(const Removal& removal);

  Database& database_;
  mutable std::mutex mutex_;  // guards removed_
  std::optional<Removed> removed_;
};

}  // namespace sightline::control
