// The kinds of API calls an account sees, with how often. `$x` is replaced, see EverydayCloud::expand.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sightline::replay {

enum class CallerGroup : std::uint8_t { service, instance, agent, function, person, automation };

struct CallTemplate {
  double weight = 1;
  CallerGroup callers = CallerGroup::person;
  std::string_view source;
  std::string_view name;
  bool read_only = true;
  bool data_event = false;
  std::string_view request = {};
  std::string_view response = {};
  std::string_view resources = {};
};

std::span<const CallTemplate> call_templates();

}  // namespace sightline::replay
