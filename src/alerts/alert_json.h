// The JSON form of alerts, as the API speaks it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "alerts/alert.h"

namespace sightline::alerts {

std::string_view to_string(Status status);
std::string_view to_string(DismissReason reason);  // BUSINESS_OP, COMPANY_POLICY, MAINTENANCE, OTHER
// Both cases; nullopt for any other word.
std::optional<Status> parse_status(std::string_view text);
std::optional<DismissReason> parse_dismiss_reason(std::string_view text);

// {"id","rule_id","title","severity","status","created","event_time","agent_id","hostname","tags","event_count",
//  "dismissal"}; times in ms. agent_id and hostname are null where unknown, dismissal where the alert is open.
std::string to_json(const Alert& alert);

// The same with "events":[…], each as event/json.h writes it, the original included.
std::string to_json_with_events(const Alert& alert);

}  // namespace sightline::alerts
