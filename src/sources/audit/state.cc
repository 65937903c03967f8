#include "sources/audit/state.h"

#include <utility>

#include "sources/audit/value.h"

namespace sightline::audit {

void EventState::reset(Arena& arena) {
  EventState fresh;
  fresh.draft = std::move(draft);
  fresh.argv = std::move(argv);
  fresh.records = std::move(records);
  fresh.paths = std::move(paths);
  *this = std::move(fresh);
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
