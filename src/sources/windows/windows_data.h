// Data whose names are values: <Data Name="X">value</Data>.
#pragma once

#include "event/event.h"

namespace sightline::windows {

// Replaces names (kDataName) and values (kDataValue) among the attributes by the data they make up, as if the value had
// stood under its name. A value without a name stays as it is; a name without a value is nothing, as an empty element
// is. New texts live in `arena`.
void pair_data(Event& event, Arena& arena);

}  // namespace sightline::windows
