#include "sources/audit/state.h"

#include "sources/audit/value.h"

namespace sightline::audit {

void EventState::reset(Arena& arena) {
  static_cast<EventFacts&>(*this) = {};
  draft.reset(arena);
  argv.clear();
  records.clear();
  paths.clear();
}

std::optional<std::uint64_t> EventState::argument(std::int8_t position) const {
  if (position < 0 || static_cast<std::uint8_t>(position) >= arguments.size()) return std::nullopt;
  return parse_hex(arguments[static_cast<std::uint8_t>(position)]);
}

std::optional<bool> EventState::success() const {
  const std::optional<std::int64_t> value = draft.integer(FieldId::success);
  return value ? std::optional(*value != 0) : std::nullopt;
}

}  // namespace sightline::audit
