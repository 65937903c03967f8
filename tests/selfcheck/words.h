// What may stand nowhere in the repository, and what must stand beside a decoder.
#pragma once

#include <vector>

#include "tree.h"

namespace sightline::selfcheck {

// Notes of unfinished work, and paths of somebody's machine.
std::vector<Finding> check_words(const Tree& tree);

// Every folder of src/sources that decodes has a fuzzer fuzz/FOLDER_fuzz.cc that is built.
std::vector<Finding> check_fuzzers(const Tree& tree);

}  // namespace sightline::selfcheck
