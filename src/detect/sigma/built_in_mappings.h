// The texts of the mapping files that come with the program.
#pragma once

#include <span>
#include <string_view>

namespace sightline::detect::sigma {

struct BuiltInMapping {
  std::string_view file;
  std::string_view text;
};

std::span<const BuiltInMapping> built_in_mappings();

}  // namespace sightline::detect::sigma
