// What boost::json does not tell about an object.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sightline::api {

// A name that the outermost object of `json` has more than once: readers differ in which of its values they take.
// `json` is valid.
std::optional<std::string> member_given_twice(std::string_view json);

}  // namespace sightline::api
