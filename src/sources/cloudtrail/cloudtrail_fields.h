// The fields that CloudTrail events get besides those of their JSON.
#pragma once

#include "event/event.h"

namespace sightline::cloudtrail {

// False where the event has neither eventName nor eventSource, so that it is none of CloudTrail's.
bool is_cloudtrail_event(const Event& event);

// Names eventTime in `malformed` where the event has no time, and adds event_type, type, success, cloud_provider,
// account_id, src_ip, arnRole, roleSessionName, instance_id and target_user, each where the event's own fields say so.
// All values are views into those or literals.
void add_derived_fields(Event& event);

}  // namespace sightline::cloudtrail
