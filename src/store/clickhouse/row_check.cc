#include "store/clickhouse/row_check.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "store/clickhouse/column_group.h"
#include "store/clickhouse/event_layout.h"
#include "store/clickhouse/stored_value.h"

namespace sightline::store::clickhouse {
namespace {

std::string other_form(std::string_view column) {
  return fmt::format("a value in the column {} has another form than it is written in", column);
}

bool is_list(const FieldColumn& column) {
  return column.kind == ColumnKind::list || column.kind == ColumnKind::text_list;
}

}  // namespace

void RowCheck::add(std::string what) {
  if (oddities_.empty() || oddities_.back().row != row_) oddities_.push_back({row_, std::move(what)});
}

void RowCheck::structure() { add(other_form("structure")); }

// Searches take a value's place from the place of its key, and the values of one key from a single stretch.
void RowCheck::keys(std::string_view column, std::string_view row_keys, std::uint64_t values) {
  if (row_keys.size() != values * kKeyBytes) {
    return add(fmt::format("the column {} has {} values for keys of {} bytes", column, values, row_keys.size()));
  }
  std::uint32_t before = 0;
  for (; !row_keys.empty(); row_keys.remove_prefix(kKeyBytes)) {
    const std::uint32_t number = key_number(row_keys.substr(0, kKeyBytes));
    if (number < before || key_bytes(number) != row_keys.substr(0, kKeyBytes)) {
      return add(fmt::format("the keys of the column {} are not in order", column));
    }
    before = number;
  }
}

void RowCheck::extra_counts(std::size_t keys, std::uint64_t texts) {
  if (keys != texts) add(fmt::format("{} extra values have {} names", texts, keys));
}

void RowCheck::extra_attribute(std::string_view key) {
  const AttributeName name = from_attribute_key(key);
  if (to_attribute_key(name.path, name.kind, scratch_) != key) add(other_form("extra_keys"));
}

void RowCheck::extra_column(std::string_view key, const FieldColumn* column) {
  if (column == nullptr || is_list(*column) || column->kind == ColumnKind::member) {
    add(fmt::format("an extra value belongs to {}, which has none", key));
  }
}

void RowCheck::grouped_value(const FieldColumn& column, std::string_view stored) {
  if (column.kind != ColumnKind::boolean || stored.empty()) return;
  const bool is_one_byte = stored.size() == 1 && stored.front() != 0;
  boolean(column, is_one_byte ? static_cast<std::uint8_t>(stored.front()) : UINT8_MAX);
}

void RowCheck::group(const ColumnGroup& group, std::string_view text, std::string_view rest) {
  const bool ends_with_value = text.size() > 1 && text.back() == kValueEnd && text[text.size() - 2] != kValueEnd;
  if (!rest.empty() || !(text.empty() || ends_with_value)) add(other_form(group.name));
}

void RowCheck::text(const FieldColumn& column, std::string_view stored) {
  const auto value = from_stored_text(stored, text_scratch_);
  if (!value) return;
  const bool packed = column.kind == ColumnKind::packed_text;
  if (to_stored_text(*value, packed, scratch_) != stored) add(other_form(column.name));
}

void RowCheck::boolean(const FieldColumn& column, std::uint8_t stored) {
  if (stored > to_stored_boolean(1)) add(other_form(column.name));
}

// What comes first goes to the column where it can.
void RowCheck::extra_value(const Event& event, const FieldColumn& column, std::string_view text) {
  const bool is_text = field_info(column.field).type == FieldType::text;
  std::int64_t integer = 0;
  if (!is_text) {
    std::from_chars(text.data(), text.data() + text.size(), integer);
    if (std::to_string(integer) != text) return add(other_form("extra_texts"));
  }
  const bool has_no_form =
      column.kind == ColumnKind::integer ? integer == kUnstorableInteger : column.is_grouped() && !fits_group(text);
  if (event.find(column.field) == nullptr && !has_no_form) {
    add(fmt::format("an extra value of {} stands where the column has none", column.name));
  }
}

void RowCheck::original(std::string_view shape, std::size_t literals, std::string_view raw) {
  if (shape.empty() ? literals > 0 : !raw.empty()) add("its original is there in two ways");
}

void RowCheck::layout(const Event& event, std::string_view layout) {
  if (layout_of(event) != layout) add("its layout does not say which fields it has");
}

void RowCheck::end_row() { ++row_; }

}  // namespace sightline::store::clickhouse
