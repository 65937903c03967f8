// Phase 2 of loading: which files, which definitions; ids are unique and limits kept.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "base/error.h"
#include "detect/rule_loader.h"
#include "detect/rule_reader.h"

namespace sightline::detect {

// The rule files named, and those below the folders named, sorted; hidden files and folders are left out.
// Errors: not_found; unavailable; too_large (kMaxRuleFiles).
Result<std::vector<std::filesystem::path>> find_rule_files(std::span<const std::filesystem::path> paths);

// A file's text. Errors: unavailable; too_large (kMaxRuleFileBytes).
Result<std::string> read_rule_file(const std::filesystem::path& path);

struct CollectedRules {
  std::vector<RuleDefinition> definitions;  // ids unique
  std::vector<const RuleText*> texts;       // of each definition
  std::vector<sigma::FilterDocument> filters;
  std::vector<Ruleset> rulesets;
  std::vector<RuleProblem> problems;
};

// Reads all texts. Of two rules with one id the first is kept, the second refused.
CollectedRules collect_rules(std::span<const RuleText> texts);

}  // namespace sightline::detect
