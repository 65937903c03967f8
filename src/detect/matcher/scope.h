// Which kinds of events a filter can concern at all, so that other events never meet its conditions.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "query/ast.h"

namespace sightline::detect {

struct Scope {
  // An event that satisfies the filter has one of these values of event_type; nullopt: any, or none.
  std::optional<std::set<std::string>> event_types;
  // Events of Windows and of other systems share event types, and little else. yes: the event has a win_event_id, or an
  // attribute with one of its other names; no: it has no win_event_id.
  enum class Windows : std::uint8_t { either, yes, no } windows = Windows::either;
};

// Another name of win_event_id, as the path of an attribute.
bool is_windows_path(std::string_view path);

Scope scope_of(const query::Expr& filter);

}  // namespace sightline::detect
