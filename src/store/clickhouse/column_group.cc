#include "store/clickhouse/column_group.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/clickhouse/literal.h"
#include "store/clickhouse/stored_value.h"

namespace sightline::store::clickhouse {

bool GroupText::take(std::size_t place) {
  if (values_[place].taken) return false;
  values_[place].taken = true;
  used_ = std::max(used_, place + 1);
  return true;
}

bool GroupText::add_text(std::size_t place, std::string_view text) {
  if (!take(place) || !fits_group(text)) return false;
  values_[place].text = text;
  return true;
}

bool GroupText::add_boolean(std::size_t place, std::int64_t value) {
  if (!take(place)) return false;
  values_[place].boolean = to_stored_boolean(value);
  return true;
}

std::string_view GroupText::finish() {
  text_.clear();
  std::size_t end = 0;  // behind the last value
  std::string scratch;
  for (std::size_t place = 0; place < used_; ++place) {
    Value& value = values_[place];
    if (value.text) text_ += to_stored_text(*value.text, false, scratch);
    if (value.boolean != 0) text_ += static_cast<char>(value.boolean);
    text_ += kValueEnd;
    if (value.text || value.boolean != 0) end = text_.size();
    value = {};
  }
  text_.resize(end);
  used_ = 0;
  return text_;
}

std::string_view take_group_value(std::string_view& text) {
  const std::size_t end = std::min(text.find(kValueEnd), text.size());
  const std::string_view value = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

// Functions of one argument beside constants: the engine runs them once per distinct value of a dictionary column.
std::string column_sql(const FieldColumn& column) {
  if (!column.is_grouped()) return quote_name(column.name);
  const std::string_view group = column_groups()[static_cast<std::size_t>(column.group)].name;
  const std::string end = quote_text(std::string(1, kValueEnd));
  const std::string text =
      fmt::format("substringIndex(substringIndex({}, {}, {}), {}, -1)", group, end, column.place + 1, end);
  return column.kind == ColumnKind::boolean ? fmt::format("reinterpretAsUInt8({})", text) : text;
}

}  // namespace sightline::store::clickhouse
