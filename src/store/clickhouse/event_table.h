// The pipe `fields`: events as rows of a table.
#pragma once

#include <span>

#include "query/ast.h"
#include "store/event_store.h"

namespace sightline::store::clickhouse {

// A cell is null, the value (integers and times as numbers, the rest as text), or, of several values, a JSON array.
Table project(const EventBatch& events, std::span<const query::FieldRef> fields);

}  // namespace sightline::store::clickhouse
