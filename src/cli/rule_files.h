// Rules as the offline commands load them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/terminal/io.h"
#include "detect/detector.h"

namespace sightline::cli {

// Rules of files and folders; problems are in the set. Errors: not_found, unavailable.
Result<std::shared_ptr<const detect::RuleSet>> load_rules(const std::vector<std::string>& paths);

// Every problem on standard error.
void print_problems(Io& io, const detect::RuleSet& rules);

}  // namespace sightline::cli
