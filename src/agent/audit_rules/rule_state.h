// What this program changed in the kernel's audit subsystem, on disk, so that it outlives the program.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/audit_rules/audit_kernel.h"
#include "agent/audit_rules/packed_rule.h"
#include "base/error.h"
#include "base/hash.h"

namespace sightline::agent {

struct ChangedSetting {
  AuditSetting setting = AuditSetting::enabled;
  std::uint32_t found = 0;
  std::uint32_t set = 0;
};

struct RuleState {
  std::string boot_id;                   // a state is about one boot of one kernel
  std::set<Sha256Digest> ours;           // rules that were added, or were about to be
  std::vector<ChangedSetting> settings;  // at most one of each

  bool is_ours(const PackedRule& rule) const { return ours.contains(identity(rule)); }
  static Sha256Digest identity(const PackedRule& rule) { return sha256(rule.bytes()); }
};

// The kernel's name for the time since it started. Errors: unavailable.
Result<std::string> current_boot_id();

// nullopt where there is no file. Errors: corrupt, unavailable.
Result<std::optional<RuleState>> read_rule_state(const std::filesystem::path& file);
// On disk, whole, when it returns; until then the state before is. Errors: unavailable.
Result<void> write_rule_state(const std::filesystem::path& file, const RuleState& state);
// Errors: unavailable. That there is none is no error.
Result<void> remove_rule_state(const std::filesystem::path& file);

}  // namespace sightline::agent
