// A rule as the API shows it.
#pragma once

#include <cstdint>
#include <set>
#include <stop_token>
#include <string>

#include "detect/active_rules.h"
#include "server/api/json_writer.h"
#include "server/api/services.h"

namespace sightline::api {

// Values of event_type that have come in.
using EventTypes = std::set<std::string>;
// Errors: as EventStore::search.
Result<EventTypes> event_types_seen(Services& services, std::stop_token stop);

// `all_cpu_ns`: what matching took altogether, for the rule's share of it.
// Members of an object that is begun. `kept`: the newest version of a rule that is kept through the API.
void write_rule(JsonWriter& json, const detect::ActiveRules::Entry& entry,
                const std::optional<control::RuleVersion>& kept, const EventTypes& seen, std::uint64_t all_cpu_ns);

}  // namespace sightline::api
