// What is doubtful about rules that load.
#pragma once

#include <string>
#include <vector>

#include "detect/detector.h"

namespace sightline::detect {

struct Doubt {
  const Rule* rule = nullptr;  // lives as long as the RuleSet
  std::string message;
};

// By file and line. Of active rules: one that asks for the same as another, one that only fires where another does too,
// one without a tag of ATT&CK.
std::vector<Doubt> find_doubts(const RuleSet& rules);

}  // namespace sightline::detect
