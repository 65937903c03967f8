// Outcomes of rule tests as JUnit XML, which build servers read.
#pragma once

#include <span>
#include <string>

#include "base/error.h"
#include "detect/offline.h"

namespace sightline::cli {

// One suite a rule file, one case a test. Replaces the file. Errors: unavailable.
Result<void> write_junit(const std::string& file, std::span<const detect::RuleTestOutcome> outcomes);

}  // namespace sightline::cli
