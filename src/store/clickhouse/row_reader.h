// Events out of rows in ClickHouse's RowBinary format.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "store/clickhouse/binary_reader.h"
#include "store/clickhouse/row_check.h"
#include "store/clickhouse/schema.h"
#include "store/clickhouse/shape.h"
#include "store/event_store.h"

namespace sightline::store::clickhouse {

// The columns that make up events which have these fields: a list for SELECT.
std::string event_columns(const FieldSet& fields);

// Appends the events in rows of event_columns(fields) to `out`. `check`, where there is one, is told of every row.
// Errors: corrupt, where an original cannot be rebuilt or the bytes are no such rows; unavailable, where an event has a
// field beyond `fields`.
Result<void> read_events(std::string_view rows, const FieldSet& fields, const AttributeKeys& keys, EventBatch& out,
                         RowCheck* check = nullptr);

}  // namespace sightline::store::clickhouse
