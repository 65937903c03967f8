// event_type and type of an event, once its fields are known.
#pragma once

#include "sources/audit/state.h"

namespace sightline::audit {

void classify(EventState& state);

}  // namespace sightline::audit
