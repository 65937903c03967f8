// What libaudit's negative numbers mean.
#pragma once

#include <string>

#include "agent/audit_rules/rule_builder.h"

namespace sightline::agent {

// `code` is what a function that takes `text` (`FIELD OPERATOR VALUE`) returned.
RuleMistake explain_libaudit(int code, const std::string& text);

}  // namespace sightline::agent
