// Sigma's documents as rules of ours.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "detect/rule.h"
#include "detect/rule_loader.h"
#include "detect/rule_reader.h"
#include "query/ast.h"

namespace sightline::detect {

// The document's rule, by level: critical and high are severity 1, medium 2, low 3; informational tags events only.
RuleDefinition definition_of(sigma::RuleDocument document);

// Why a filter cannot be added to any rule of its log source; nullopt: it can.
std::optional<RuleProblem> problem_of(const sigma::FilterDocument& filter, const LoadOptions& options);

// What a Sigma rule asks of events.
struct SigmaFilter {
  query::Expr expr;             // checked: events of the log source that the detection holds for
  std::string inactive_reason;  // no such events come to be here; empty: they do
};

// `text` is the file of the definition. `filters` that name the rule and fit its log source narrow it.
std::expected<SigmaFilter, RuleProblem> lower_sigma(const RuleDefinition& definition, std::string_view text,
                                                    std::span<const sigma::FilterDocument> filters,
                                                    const LoadOptions& options);

}  // namespace sightline::detect
