// Rules as the offline commands load them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/terminal/command.h"
#include "cli/terminal/io.h"
#include "detect/detector.h"

namespace sightline::cli {

// Files and folders, as given.
struct RuleFiles {
  std::vector<std::string> rules;
  std::vector<std::string> placeholders;
  std::vector<std::string> mappings;
};

// --placeholders and --sigma-mapping.
void add_sigma_options(Command& command, RuleFiles& files);

// Rules of files and folders; problems are in the set. Errors: not_found, unavailable.
Result<std::shared_ptr<const detect::RuleSet>> load_rules(const RuleFiles& files);

// Every problem on standard error.
void print_problems(Io& io, const detect::RuleSet& rules);

}  // namespace sightline::cli
