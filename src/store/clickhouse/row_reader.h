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
#include "store/clickhouse/schema.h"
#include "store/clickhouse/shape.h"
#include "store/event_store.h"

namespace sightline::store::clickhouse {

// Reads the basic types of RowBinary one after the other. Running off the end is remembered, not fatal.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty() || failed_; }
  bool failed() const { return failed_; }
  std::uint64_t varint();
  std::string_view text();
  std::string_view fixed(std::size_t size);
  template <class Integer>
  Integer integer() {
    Integer value{};
    const std::string_view bytes = fixed(sizeof value);
    if (!failed_) std::char_traits<char>::copy(reinterpret_cast<char*>(&value), bytes.data(), sizeof value);
    return value;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// The columns that make up events which have these fields: a list for SELECT.
std::string event_columns(const FieldSet& fields);

// Appends the events in rows of event_columns(fields) to `out`. Errors: corrupt, where an original cannot be rebuilt or
// the bytes are no such rows.
Result<void> read_events(std::string_view rows, const FieldSet& fields, EventBatch& out);

}  // namespace sightline::store::clickhouse
