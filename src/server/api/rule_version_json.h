// A version of a rule that is kept through the API.
#pragma once

#include "control/rule_table.h"
#include "server/api/json_writer.h"
#include "server/http/message.h"

namespace sightline::api {

// Members of an object that is begun: version, changed, changed_by, fingerprint.
void write_version(JsonWriter& json, const control::RuleVersion& version);

// The version alone, with its ETag. `outcome`: what became of the rule, one word.
http::Response version_answer(int status, const control::RuleVersion& version, std::string_view outcome);

// created, changed or unchanged. `before`: what was kept.
std::string_view outcome_of(const std::optional<control::RuleVersion>& before, const control::RuleVersion& now);

// "3", with the quotes.
std::string etag_of(const control::RuleVersion& version);

}  // namespace sightline::api
