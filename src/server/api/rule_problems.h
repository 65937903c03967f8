// Why a rule's text does not load, as the API tells it.
#pragma once

#include "detect/rule_set.h"
#include "server/api/json_writer.h"
#include "server/http/message.h"

namespace sightline::api {

// {"message","hint","line","column"} and the rule's id.
void write_problem(JsonWriter& json, const detect::RuleProblem& problem);

// 400 with all problems of the set, of which there is at least one; the message is the first.
http::Response problems_answer(const detect::RuleSet& rules);

}  // namespace sightline::api
