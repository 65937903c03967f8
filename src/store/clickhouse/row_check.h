// Whether rows stand as append() writes them. Reading an event back forgives other forms of the same values; searches,
// which work on the forms, pass them over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "store/clickhouse/schema.h"

namespace sightline::store::clickhouse {

// What is odd about a row: the first thing found.
struct RowOddity {
  std::size_t row = 0;  // from 0, of those read
  std::string what;
};

// Told of a row part by part while it is read; end_row() ends it. Not thread-safe.
class RowCheck {
 public:
  // A structure that cannot be read.
  void structure();
  // The keys of the values in a column, and how many values it has.
  void keys(std::string_view column, std::string_view row_keys, std::uint64_t values);
  void extra_counts(std::size_t keys, std::uint64_t texts);
  // A key of the column of extra values: of an attribute, or the identifier of a field (nullptr: there is no such).
  void extra_attribute(std::string_view key);
  void extra_column(std::string_view key, const FieldColumn* column);
  // A value in a group, also of a field that no event is said to have: free text finds it.
  void grouped_value(const FieldColumn& column, std::string_view stored);
  // A column of a group, and what stands behind its last place.
  void group(const ColumnGroup& group, std::string_view text, std::string_view rest);
  void text(const FieldColumn& column, std::string_view stored);
  void boolean(const FieldColumn& column, std::uint8_t stored);
  // Before the extra value becomes the event's next one.
  void extra_value(const Event& event, const FieldColumn& column, std::string_view text);
  void original(std::string_view shape, std::size_t literals, std::string_view raw);
  // Once the event is complete.
  void layout(const Event& event, std::string_view layout);
  void end_row();

  const std::vector<RowOddity>& oddities() const { return oddities_; }

 private:
  void add(std::string what);

  std::size_t row_ = 0;
  std::string scratch_;
  std::string text_scratch_;
  std::vector<RowOddity> oddities_;  // by row
};

}  // namespace sightline::store::clickhouse
