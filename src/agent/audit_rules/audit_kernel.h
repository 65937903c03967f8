// What the agent asks of the kernel's audit subsystem: its rules and its settings.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/audit_rules/packed_rule.h"
#include "base/error.h"

namespace sightline::agent {

struct AuditStatus {
  std::uint32_t enabled = 0;  // 0, 1, or 2: immutable until the next boot
  std::uint32_t failure = 0;  // 0 silent, 1 printk, 2 panic
  std::uint32_t pid = 0;      // of the process that gets the records, 0 for none
  std::uint32_t rate_limit = 0;
  std::uint32_t backlog_limit = 0;
  std::uint32_t lost = 0;
  std::uint32_t backlog = 0;
  std::uint32_t backlog_wait_time = 0;         // in the kernel's ticks
  std::uint32_t backlog_wait_time_actual = 0;  // in ticks, of all processes together

  bool immutable() const { return enabled == 2; }
};

enum class AuditSetting : std::uint8_t { enabled, failure, rate_limit, backlog_limit, backlog_wait_time };

// The name that auditctl prints.
constexpr std::string_view to_string(AuditSetting setting) {
  switch (setting) {
    case AuditSetting::enabled:
      return "enabled";
    case AuditSetting::failure:
      return "failure";
    case AuditSetting::rate_limit:
      return "rate_limit";
    case AuditSetting::backlog_limit:
      return "backlog_limit";
    case AuditSetting::backlog_wait_time:
      return "backlog_wait_time";
  }
  return {};
}

constexpr std::uint32_t value_of(const AuditStatus& status, AuditSetting setting) {
  switch (setting) {
    case AuditSetting::enabled:
      return status.enabled;
    case AuditSetting::failure:
      return status.failure;
    case AuditSetting::rate_limit:
      return status.rate_limit;
    case AuditSetting::backlog_limit:
      return status.backlog_limit;
    case AuditSetting::backlog_wait_time:
      return status.backlog_wait_time;
  }
  return 0;
}

constexpr AuditSetting kAuditSettings[] = {AuditSetting::enabled, AuditSetting::failure, AuditSetting::rate_limit,
                                           AuditSetting::backlog_limit, AuditSetting::backlog_wait_time};

// What became of a rule that was to be added.
struct AuditAddition {
  int error_number = 0;  // 0: added; EEXIST: was there; anything else: refused
};

// Errors of all functions: permission_denied (no CAP_AUDIT_CONTROL, not in the host's pid namespace, or immutable),
// timeout, unavailable (no audit in the kernel or in this namespace, or the socket failed). Not thread-safe.
class AuditKernel {
 public:
  virtual ~AuditKernel() = default;
  virtual Result<AuditStatus> status() = 0;
  virtual Result<void> set(AuditSetting setting, std::uint32_t value) = 0;
  // In the order of the lists, in each the order in which they are asked: the first that matches decides.
  virtual Result<std::vector<PackedRule>> rules() = 0;
  // That the kernel refuses this rule is no error.
  virtual Result<AuditAddition> add(const PackedRule& rule) = 0;
  // False where there is no such rule.
  virtual Result<bool> remove(const PackedRule& rule) = 0;
};

}  // namespace sightline::agent
