// An alert: what a rule found, with the events that prove it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "event/event.h"

namespace sightline::alerts {

enum class Status : std::uint8_t { open, dismissed };

// Why an analyst closed it; the words of the product before this one.
enum class DismissReason : std::uint8_t { business_op, company_policy, maintenance, other };

struct Dismissal {
  DismissReason reason = DismissReason::other;
  std::string text;
  std::string by;  // principal
  std::int64_t at_ms = 0;
};

// An event as it was when the alert opened, whole: the alert outlives the event's retention.
struct Evidence {
  EventId event_id{};
  std::int64_t event_time_ms = 0;
  std::string json;  // event/json.h, the original included
};

struct Alert {
  std::string id;  // 32 hexadecimal digits, derived from rule and first event: detecting again makes the same alert
  std::string rule_id;
  std::string rule_fingerprint;  // which text of the rule fired (detect/rule.h); empty: not known
  std::string title;
  int severity = 3;  // 1 high, 2 medium, 3 low
  std::int64_t created_ms = 0;
  std::int64_t event_time_ms = 0;  // of the first event
  std::string agent_id;
  std::string hostname;
  std::vector<std::string> tags;
  std::uint64_t event_count = 0;
  std::vector<Evidence> events;
  Status status = Status::open;
  std::optional<Dismissal> dismissal;
};

}  // namespace sightline::alerts
