// Why a rule fires on an event, or which part of its filter failed.
#pragma once

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
  bool fires = false;
  ExplainedPart filter;
  // In the order of the rule's, taken to be in force; looked at whether or not the filter holds.
  std::vector<ExplainedPart> suppressions;
};

// `rule` has loaded. Errors: internal, where its filter cannot be read again.
Result<Explanation> explain(const Rule& rule, const Event& event);

}  // namespace sightline::detect
