// Rules that are kept through the API: every version of each, and which rules are switched off.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::control {

class Database;

inline constexpr std::uint64_t kMaxKeptRules = 5'000;
inline constexpr std::uint64_t kMaxVersionsOfARule = 100;           // older ones are dropped
inline constexpr std::uint64_t kMaxRemovedRules = 1'000;            // whose versions are kept
inline constexpr std::uint64_t kMaxRuleTextsBytes = 256ULL << 20U;  // of all versions together

struct RuleVersion {
  std::string rule_id;
  std::uint64_t version = 0;  // from 1 on, also across the rule's removal
  std::int64_t at_ms = 0;
  std::string principal;
  std::optional<std::string> text;  // nullopt: the rule was removed
  std::string fingerprint;          // Rule::fingerprint of the text; empty where there is none
};

// Who changes something, and when.
struct ChangeOrigin {
  std::string principal;
  std::int64_t at_ms = 0;
};

// Thread-safe. Errors of all: corrupt, unavailable. Each change is one transaction with its entry of the audit log.
class RuleTable {
 public:
  explicit RuleTable(Database& database) : database_(database) {}

  // The rules there are, each in its newest version, by id.
  Result<std::vector<RuleVersion>> current();
  Result<std::set<std::string, std::less<>>> disabled();

  // Newest first, numbers below `before`; `limit` at most 100.
  Result<std::vector<RuleVersion>> versions(std::string_view id, std::optional<std::uint64_t> before,
                                            std::uint32_t limit);
  // Errors: not_found.
  Result<RuleVersion> version(std::string_view id, std::uint64_t number);

  // A new version. `action` and `note` go to the audit log. Errors: too_large (one of the bounds above).
  Result<RuleVersion> put(std::string_view id, std::string_view text, std::string_view fingerprint,
                          const ChangeOrigin& origin, std::string_view action, std::string_view note);
  // A version without text; it is no longer switched off. Errors: not_found.
  Result<void> remove(std::string_view id, const ChangeOrigin& origin);
  // Of any rule, kept here or not.
  Result<void> set_enabled(std::string_view id, bool enabled, const ChangeOrigin& origin);

 private:
  Database& database_;
};

}  // namespace sightline::control
