// Rules as a page for people.
#pragma once

#include <string>

#include "detect/detector.h"

namespace sightline::detect {

// Markdown: a heading for each folder of rule files, and under it a table of its rules by id: severity, the first
// sentence of the description (without one, the title), the techniques of ATT&CK.
std::string rules_markdown(const RuleSet& rules);

}  // namespace sightline::detect
