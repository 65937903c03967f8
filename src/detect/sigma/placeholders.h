// What `%name%` stands for, from the user's files.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detect/sigma/problem.h"

namespace sightline::detect::sigma {

// Values by the placeholder's name without its percent signs. A value may have wildcards. Immutable once loaded.
using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;

inline constexpr std::size_t kMaxPlaceholders = 1'000;
inline constexpr std::size_t kMaxPlaceholderValues = 4'096;  // of one
inline constexpr std::size_t kMaxPlaceholderBytes = 4'096;   // of one value

// A mapping of YAML: names to a value or a list of values. Errors: the first problem.
std::expected<Placeholders, Problem> read_placeholders(std::string_view yaml);

// The values of one: a line each; blank lines and those that begin with # are left out. Errors: the first problem.
std::expected<std::vector<std::string>, Problem> read_placeholder_lines(std::string_view text);

// 1 to 64 of A-Z, a-z, 0-9, '_', '-' and '.'.
bool is_placeholder_name(std::string_view name);

}  // namespace sightline::detect::sigma
