// Who changed what. Append-only, and chained by hashes so that later editing shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "control/chain_head.h"

namespace sightline::control {

class Database;

struct AuditEntry {
  std::uint64_t number = 0;  // from 1, without gaps
  std::int64_t at_ms = 0;
  std::string principal;
  std::string action;   // "alert.dismiss", "token.create", …
  std::string subject;  // the id of what was changed
  std::string detail;   // text for people
  Sha256Digest link{};  // SHA-256(link of number - 1, all members above)
};

Sha256Digest audit_link(const Sha256Digest& previous, const AuditEntry& entry);

// Thread-safe. Errors: corrupt, unavailable. Changes to alerts and tokens write their entry in their own transaction.
class AuditLog {
 public:
  explicit AuditLog(Database& database) : database_(database) {}

  // Number and link are set here.
  Result<void> append(const AuditEntry& entry);
  Result<ChainEnd> end();
  // Newest first, numbers below `before`; `limit` at most 1,000.
  Result<std::vector<AuditEntry>> list(std::optional<std::uint64_t> before, std::uint32_t limit);
  // Oldest first, numbers from `first`: for verify.
  Result<std::vector<AuditEntry>> read_range(std::uint64_t first, std::uint32_t limit);

 private:
  Database& database_;
};

}  // namespace sightline::control
