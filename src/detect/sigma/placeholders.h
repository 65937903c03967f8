// What `%name%` stands for, from the user's files.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::detect::sigma {

// Values by the placeholder's name without its percent signs. A value may have wildcards. Immutable once loaded.
using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;

}  // namespace sightline::detect::sigma
