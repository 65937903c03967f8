// Holds a store's evaluator against the predicate in memory, which must find the same events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "query/ast.h"
#include "query/testing/random_pairs.h"
#include "store/event_store.h"

namespace sightline::store::testing {

// The ids of the stored events that satisfy the filter, as text, sorted. Throws std::runtime_error where the search
// fails.
std::vector<std::string> find_ids(EventStore& store, query::Expr filter);

// Compares both evaluators on every pair. `pairs.events` are all that the store holds; the expressions are used up.
// Returns a description of each disagreement.
std::vector<std::string> find_disagreements(EventStore& store, query::testing::RandomPairs& pairs);

}  // namespace sightline::store::testing
