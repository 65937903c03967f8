// Loads rule files in three phases: read (rule_reader: YAML to definitions with positions), collect (rule_collector:
// files found, ids unique, limits kept), compile (rule_compiler: filters checked, those that cannot match refused).
//
// One bad rule never stops the others: it is refused with its file, line, column, what was expected, and a hint.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "detect/detector.h"
#include "detect/ruleset.h"
#include "detect/sigma/document.h"
#include "detect/sigma/mapping.h"
#include "detect/sigma/placeholders.h"
#include "query/path_catalog.h"

namespace sightline::detect {

inline constexpr std::size_t kMaxRuleFileBytes = 1024UL * 1024;
inline constexpr std::size_t kMaxRuleFiles = 20'000;
inline constexpr std::size_t kMaxRules = 20'000;

struct LoadOptions {
  // Attribute paths that filters may use beside the schema and the paths that sources are known to send: those seen in
  // the store. nullptr: none. Used during loading only.
  const query::PathCatalog* catalog = nullptr;
  // Values of event_type beside those of the schema: those of the user's own events.
  std::vector<std::string> event_types = {};
  // Of Sigma's rules: what log sources and fields are called here, and what placeholders stand for.
  const sigma::Mapping* sigma_mapping = nullptr;  // nullptr: the built-in one
  sigma::Placeholders placeholders = {};
  // Files, and folders of files, that load_rule_files adds to these: see sigma_files.h.
  std::vector<std::filesystem::path> placeholder_paths = {};
  std::vector<std::filesystem::path> mapping_paths = {};
  // Sigma's filters beside those in the texts: of another set, which these rules are laid over.
  std::span<const sigma::FilterDocument> filters = {};
  // Likewise rulesets; members that these rules lack are no problem.
  std::span<const Ruleset> rulesets = {};

  const sigma::Mapping& mapping() const {
    return sigma_mapping == nullptr ? sigma::Mapping::built_in() : *sigma_mapping;
  }
};

// The text of one rule file.
struct RuleText {
  std::string file;  // for messages
  std::string yaml;
};

// Rules from texts in memory. Never fails: what does not load is in RuleSet::problems().
std::shared_ptr<const RuleSet> load_rules(std::span<const RuleText> texts, const LoadOptions& options);

// Rules from files, and from the *.yaml and *.yml below folders.
// Errors: not_found, unavailable where a path cannot be read at all; everything else is in RuleSet::problems().
Result<std::shared_ptr<const RuleSet>> load_rule_files(std::span<const std::filesystem::path> paths,
                                                       const LoadOptions& options);

}  // namespace sightline::detect
