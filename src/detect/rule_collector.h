// Phase 2 of loading: which files, which definitions; ids are unique and limits kept.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "detect/rule_loader.h"
#include "detect/rule_reader.h"

namespace sightline::detect {

inline constexpr std::array<std::string_view, 2> kRuleFileEndings{".yaml", ".yml"};

// The files named, and those below the folders named whose names end so, sorted; hidden files and folders are left out.
// Errors: not_found; unavailable; too_large (kMaxRuleFiles).
Result<std::vector<std::filesystem::path>> find_rule_files(
    std::span<const std::filesystem::path> paths, std::span<const std::string_view> endings = kRuleFileEndings);

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
