// The expression of a query as an SQL condition on the events table: the second of the two evaluators of the language
// (the first is query/predicate.h). docs/query-language.md says what they must agree on.
#pragma once

#include <string>

#include "query/ast.h"
#include "store/clickhouse/schema.h"

namespace sightline::store::clickhouse {

// `expr` has been checked. The condition is 0 or 1 on every event, never NULL. Text of the query is in it only as
// quote_text() writes it.
std::string render(const query::Expr& expr, const Content& content);

}  // namespace sightline::store::clickhouse
