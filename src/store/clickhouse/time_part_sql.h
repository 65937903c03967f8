// The parts of a time as SQL expressions.
#pragma once

#include <string>
#include <string_view>

#include "query/ast.h"

namespace sightline::store::clickhouse {

// An integer as query/time_part.h defines it. `time` is an Int64 expression: milliseconds since 1970, never NULL.
std::string time_part(query::TimePart part, std::string_view time);

}  // namespace sightline::store::clickhouse
