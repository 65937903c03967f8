// From the rules that are in the kernel and those that are wished to what must be done.
#pragma once

#include <span>
#include <vector>

#include "agent/audit_rules/rule_file.h"
#include "agent/audit_rules/rule_state.h"

namespace sightline::agent {

struct LoadPlan {
  // The order in which rules are added is the order in which the kernel asks them: one that is there, but before others
  // that it has to follow, is taken out first.
  struct Addition {
    const AuditRule* rule = nullptr;
    bool is_there = false;
  };

  std::vector<const AuditRule*> respected;  // wished, there, and another's
  std::vector<const AuditRule*> kept;       // wished, there, and ours
  std::vector<const AuditRule*> absent;     // wished and not there
  std::vector<PackedRule> unwished;         // ours, and wished no more
  std::vector<Addition> additions;          // of what is absent or displaced, in this order
};

// `present` as the kernel lists it. `wished` has each rule once and outlives the plan.
LoadPlan plan_load(std::span<const AuditRule> wished, std::span<const PackedRule> present, const RuleState& state);

}  // namespace sightline::agent
