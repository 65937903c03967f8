// Which fields may be compared with which.
#pragma once

#include <expected>

#include "query/ast.h"
#include "query/diagnostic.h"

namespace sightline::query {

// Both names are resolved. Refused is what could never hold, or would hold for no reason that its author could see.
std::expected<void, Diagnostic> check_field_comparison(const FieldComparison& comparison, Span span);

}  // namespace sightline::query
