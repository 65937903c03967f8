// The fields that Windows events get besides those of their JSON.
#pragma once

#include "event/event.h"

namespace sightline::windows {

// False where the event has no EventID.
bool is_windows_event(const Event& event);

// Names TimeCreated in `malformed` where the event has no time, and adds event_type, and by what the event is: type,
// success, exe, command, parent_exe, pid, ppid, user, domain, sid, session, target_user, src_ip, src_port, protocol and
// method. docs/sources/windows.md says from what.
void add_derived_fields(Event& event, Arena& arena);

}  // namespace sightline::windows
