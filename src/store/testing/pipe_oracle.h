// The pipes of a query on events in memory: what a store's tables and sorted pages must be.
#pragma once

#include <string>
#include <vector>

#include "event/event.h"
#include "query/ast.h"

namespace sightline::store::testing {

// Rows as text, cells joined by '|' and null as "null", of a query that starts with count, top or distinct; sort and
// limit may follow. The query has been checked and has no expression.
std::vector<std::string> expected_rows(const EventBatch& events, const query::Query& query);

// Ids as text, in the order of `sort FIELD [desc]`.
std::vector<std::string> expected_order(const EventBatch& events, const query::SortStage& sort);

}  // namespace sightline::store::testing
