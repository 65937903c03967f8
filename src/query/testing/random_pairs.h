// Random checked expressions over random events, to hold two evaluators against each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "event/event.h"
#include "query/ast.h"
#include "query/path_catalog.h"

namespace sightline::query::testing {

struct RandomExpression {
  std::string text;  // in a random spelling
  Expr expr;         // `text`, parsed and checked
};

// A batch as the server would store it (ids, times and originals set) and expressions about it. Every pair of an
// expression and an event is a case. Values hold what is hard: lists, values without a schema, numbers of any size,
// Unicode, invalid UTF-8, NULs, empty and long texts, addresses of all kinds. Literals are mostly taken from the
// events, so that neither answer is rare.
struct RandomPairs {
  EventBatch events;
  SetPathCatalog catalog;  // the paths of the events
  std::int64_t now_ms = 0;
  std::vector<RandomExpression> expressions;
};

// The same seed gives the same pairs.
RandomPairs make_random_pairs(std::uint64_t seed, std::size_t event_count, std::size_t expression_count);

}  // namespace sightline::query::testing
