// What one line of a rule file says, from its options.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/audit_rules/rule_builder.h"
#include "agent/audit_rules/rule_file.h"
#include "agent/audit_rules/rule_line.h"

namespace sightline::agent {

struct RemarkOnLine {
  std::size_t column = 0;  // from 1; 0 where the whole line is meant
  RuleProblem::Kind kind = RuleProblem::Kind::error;
  RuleMistake text;
};

struct RuleLine {
  enum class Deletes : std::uint8_t { nothing, one, all };

  std::optional<PackedRule> rule;      // to load, or with Deletes::one to take back
  Deletes deletes = Deletes::nothing;  // all: every rule, or those with the key
  std::string deleted_key;
  AuditSettings settings;
  std::vector<RemarkOnLine> remarks;
};

// With the mistake, where there is one: then the line says nothing.
std::expected<RuleLine, RemarkOnLine> read_rule_options(std::span<const RuleWord> words);

}  // namespace sightline::agent
