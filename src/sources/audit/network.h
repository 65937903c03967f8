// Fields of a connection.
#pragma once

#include "sources/audit/state.h"

namespace sightline::audit {

// address_family, protocol, and the address on the side that the call says. Needs finish_syscall().
void finish_network(EventState& state);

}  // namespace sightline::audit
