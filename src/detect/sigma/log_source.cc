#include "detect/sigma/log_source.h"

#include <string_view>

namespace sightline::detect::sigma {

std::string to_string(const LogSource& source) {
  std::string text;
  const auto add = [&](std::string_view name, const std::string& part) {
    if (part.empty()) return;
    if (!text.empty()) text += ", ";
    text.append(name).append(" ").append(part);
  };
  add("product", source.product);
  add("category", source.category);
  add("service", source.service);
  return text;
}

bool covers(const LogSource& filter, const LogSource& rule) {
  const auto fits = [](const std::string& wanted, const std::string& given) {
    return wanted.empty() || wanted == given;
  };
  return fits(filter.category, rule.category) && fits(filter.product, rule.product) &&
         fits(filter.service, rule.service);
}

}  // namespace sightline::detect::sigma
