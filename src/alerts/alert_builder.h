// From a rule's firing to an alert.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "detect/detector.h"
#include "event/event.h"

namespace sightline::alerts {

// 32 hexadecimal digits of SHA-256(rule id, first event's id): detecting a batch again makes the same alert.
std::string make_alert_id(std::string_view rule_id, const EventId& first_event);

// The events of `batch` carry their ids and received times. Title and severity are those of the rule now.
Alert build_alert(const detect::Firing& firing, const EventBatch& batch, std::int64_t now_ms);

// One alert a firing of the rules that raise alerts, in their order.
std::vector<Alert> build_alerts(const detect::Detection& detection, const EventBatch& batch, std::int64_t now_ms);

}  // namespace sightline::alerts
