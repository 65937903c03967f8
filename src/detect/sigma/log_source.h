// Which log a Sigma rule is about.
#pragma once

#include <string>

namespace sightline::detect::sigma {

// Parts that are empty are not given.
struct LogSource {
  std::string category;
  std::string product;
  std::string service;

  bool empty() const { return category.empty() && product.empty() && service.empty(); }
  bool operator==(const LogSource&) const = default;
  auto operator<=>(const LogSource&) const = default;
};

// "product windows, category process_creation".
std::string to_string(const LogSource& source);

// Whether `rule` has every part that `filter` gives.
bool covers(const LogSource& filter, const LogSource& rule);

}  // namespace sightline::detect::sigma
