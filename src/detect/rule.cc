#include "detect/rule.h"

#include <fmt/format.h>

namespace sightline::detect {

std::string_view to_string(RuleState state) {
  switch (state) {
    case RuleState::active:
      return "active";
    case RuleState::inactive:
      return "inactive";
    case RuleState::refused:
      return "refused";
  }
  return "";
}

std::string to_string(const RuleProblem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) text += fmt::format(":{}:{}", problem.line, problem.column);
  text += ": ";
  if (!problem.rule_id.empty()) text += fmt::format("rule {}: ", problem.rule_id);
  text += problem.message;
  if (!problem.hint.empty()) text += "\n  hint: " + problem.hint;
  return text;
}

}  // namespace sightline::detect
