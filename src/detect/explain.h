// Why a rule fires on an event, or which part of its filter failed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "detect/rule.h"
#include "event/event.h"

namespace sightline::detect {

struct ExplainedPart {
  std::string text;  // "all of", "any of", "not", or the condition as the query language writes it
  bool holds = false;
  std::string value;  // of a condition: what the event has in its field
  std::vector<ExplainedPart> parts;
};

struct Explanation {
  struct Suppression {
    ExplainedPart filter;
    bool expired = false;  // silences nothing any more
  };

  bool fires = false;
  ExplainedPart filter;
  // In the order of the rule's; looked at whether or not the filter holds.
  std::vector<Suppression> suppressions;
};

// `rule` has loaded; `now_ms` says which of its suppressions have expired. Errors: internal, where its filter cannot be
// read again.
Result<Explanation> explain(const Rule& rule, const Event& event, std::int64_t now_ms);

}  // namespace sightline::detect
