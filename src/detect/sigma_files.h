// The user's own files for Sigma's rules: what placeholders stand for, and what log sources and fields are called.
#pragma once

#include <vector>

#include "base/error.h"
#include "detect/rule_loader.h"

namespace sightline::detect {

struct SigmaFiles {
  sigma::Placeholders placeholders;
  sigma::Mapping mapping;             // the built-in one and the user's over it
  std::vector<RuleProblem> problems;  // of files, each of which is left out from its first problem on
};

// Reads LoadOptions::placeholder_paths and mapping_paths, on top of what the options hold already.
// Errors: not_found, unavailable where a path cannot be read at all.
Result<SigmaFiles> load_sigma_files(const LoadOptions& options);

}  // namespace sightline::detect
