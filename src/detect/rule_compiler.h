// Phase 3 of loading: filters and titles checked and compiled; a rule that can never match is refused.
#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "detect/compiled_rules.h"
#include "detect/rule_loader.h"
#include "detect/rule_reader.h"

namespace sightline::detect {

struct CompiledDefinition {
  Rule rule;
  CompiledRule compiled;
  query::Expr filter;  // checked; for the matcher
};

// `filters` are all that Sigma's documents hold; `text` is the file the definition was read from.
std::expected<CompiledDefinition, RuleProblem> compile_rule(const RuleDefinition& definition, std::string_view text,
                                                            std::span<const sigma::FilterDocument> filters,
                                                            const LoadOptions& options);

}  // namespace sightline::detect
