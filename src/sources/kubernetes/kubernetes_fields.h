// The fields that Kubernetes audit events get besides those of their JSON.
#pragma once

#include "event/event.h"

namespace sightline::kubernetes {

// True for kind Event of audit.k8s.io. Exports leave one of the two out: then a verb or an auditID must speak for it.
// False for core/v1 Events, which are no audit events.
bool is_audit_event(const Event& event);

// Names stageTimestamp in `malformed` where the event has no time, and adds event_type, type, success, user,
// target_user, src_ip and node_name, each where the event's own values say so. All values are views into those or
// literals.
void add_derived_fields(Event& event);

}  // namespace sightline::kubernetes
