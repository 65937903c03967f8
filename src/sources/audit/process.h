// Fields of the process and its system call.
#pragma once

#include "sources/audit/state.h"

namespace sightline::audit {

// arch, syscall, exit_name, and `state.verb`, which all later steps use.
void finish_syscall(EventState& state);

// command, arguments, args; root where an id is 0 and no name was recorded.
void finish_process(EventState& state);

}  // namespace sightline::audit
