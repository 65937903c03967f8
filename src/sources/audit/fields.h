// From the fields of single records to the event: what needs no second record to be understood.
#pragma once

#include "sources/audit/state.h"

namespace sightline::audit {

// Takes every field of `record` into `state`: into a field of the schema, a member that a later step needs, or an
// attribute under its native key. Records of types PATH and EXECVE are not for this function.
void map_record(const Record& record, EventState& state);

// One field into an attribute under its native key.
void map_attribute(const Field& field, EventState& state);

}  // namespace sightline::audit
