// Alerts and their evidence.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alert.h"
#include "base/error.h"
#include "base/hash.h"

namespace sightline::control {

class Database;

struct AlertFilter {
  std::optional<alerts::Status> status;
  std::optional<int> severity;
  std::string rule_id;                  // empty: any
  std::string agent_id;                 // empty: any
  std::optional<std::int64_t> from_ms;  // from ≤ created < to
  std::optional<std::int64_t> to_ms;
};

// The last alert of a page.
struct AlertCursor {
  std::int64_t created_ms = 0;
  std::string id;
};

struct AlertPage {
  std::vector<alerts::Alert> alerts;  // newest first; without `events`
  std::optional<AlertCursor> next;    // set where there may be more
};

struct AlertCounts {
  std::uint64_t open = 0;
  std::uint64_t dismissed = 0;
};

// What no batch and no entry of the audit log accounts for.
struct AlertDoubt {
  enum class Kind : std::uint8_t { planted, status_changed };
  Kind kind = Kind::planted;
  std::uint64_t batch = 0;  // as the row has it
  std::string detail;
};

// SHA-256 over what is fixed when a batch opens alerts: each alert's members but status and dismissal, and its
// evidence; ordered by id. 32 zero bytes for none.
Sha256Digest hash_alerts(std::span<const alerts::Alert> alerts);

// Thread-safe. Errors besides those named: corrupt, unavailable.
class AlertTable {
 public:
  explicit AlertTable(Database& database) : database_(database) {}

  // `limit` is from 1 to 1,000; invalid_input otherwise.
  Result<AlertPage> list(const AlertFilter& filter, std::uint32_t limit, const std::optional<AlertCursor>& cursor);
  // With its events. not_found.
  Result<alerts::Alert> read(std::string_view id);
  Result<bool> exists(std::string_view id);
  // The alert as it is afterwards, without events. Both are noted in the audit log. not_found; conflict where it is
  // dismissed (open) already; invalid_input: reason `other` without text, or text too long.
  Result<alerts::Alert> dismiss(std::string_view id, const alerts::Dismissal& dismissal);
  Result<alerts::Alert> reopen(std::string_view id, std::string_view by, std::int64_t now_ms);
  Result<AlertCounts> counts();
  // Those that batch `number` opened, by id, with their events: what Manifest::alerts_hash covers.
  Result<std::vector<alerts::Alert>> opened_by_batch(std::uint64_t number);
  // Beside those hashes: alerts and evidence outside every batch, and alerts whose status and dismissal are not what
  // the audit log's newest entry about them says. At most `limit` of each kind.
  Result<std::vector<AlertDoubt>> doubts(std::uint32_t limit);

 private:
  Database& database_;
};

}  // namespace sightline::control
