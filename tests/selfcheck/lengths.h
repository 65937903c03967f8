// Files and functions stay short enough to be read at once.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tree.h"

namespace sightline::selfcheck {

inline constexpr std::size_t kMaxFileLines = 800;
inline constexpr std::size_t kMaxFunctionLines = 70;

struct Function {
  std::string name;
  std::size_t line = 0;   // where its head begins
  std::size_t lines = 0;  // from there to the closing brace
};

// The functions of a C++ file that are defined at namespace or class scope; lambdas count for the function around them.
// Reads braces, not C++: enough for formatted code.
std::vector<Function> functions_of(std::string_view text);

// What is too long in src/, less what the allow-list has: lines `PATH` for a file, `PATH FUNCTION` for a function, `#`
// for comments. An entry that is no longer needed is a finding too, so the list only shrinks.
std::vector<Finding> check_lengths(const Tree& tree, const std::string& allow_list_path);

}  // namespace sightline::selfcheck
