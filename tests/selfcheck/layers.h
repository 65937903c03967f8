// Includes go downward only. The table here is the module table of ARCHITECTURE.md.
#pragma once

#include <vector>

#include "tree.h"

namespace sightline::selfcheck {

// Every quoted include below src/ against the table; a folder of src/ that the table does not know is a finding too.
std::vector<Finding> check_layers(const Tree& tree);

}  // namespace sightline::selfcheck
