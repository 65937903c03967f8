// The filters of loaded rules as trees.
#pragma once

#include <string>

#include "base/error.h"
#include "query/ast.h"

namespace sightline::detect {

// A filter or suppression of a rule that has loaded, checked: its names are good. Errors: internal.
Result<query::Expr> read_filter(const std::string& filter);

}  // namespace sightline::detect
