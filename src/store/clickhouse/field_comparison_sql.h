// A comparison of two fields of one event as an SQL condition.
#pragma once

#include <string>

#include "query/ast.h"
#include "store/clickhouse/schema.h"

namespace sightline::store::clickhouse {

// 0 or 1 on every event, never NULL. `node` has been checked.
std::string field_comparison(const Content& content, const query::FieldComparison& node);

}  // namespace sightline::store::clickhouse
