// One entry of the journal, whatever form it came in, and what becomes of it.
#pragma once

#include <string_view>
#include <vector>

#include "event/event.h"

namespace sightline::journald {

struct JournalField {
  std::string_view name;   // MESSAGE, _PID, __REALTIME_TIMESTAMP, …
  std::string_view value;  // any bytes
};

// In order; a name may occur several times. Views point into the arena of the event's batch.
using Entry = std::vector<JournalField>;

// Fills the event. Every field of the entry ends up in a field or an attribute of the same name.
void map_entry(const Entry& entry, Event& event, Arena& arena);

}  // namespace sightline::journald
