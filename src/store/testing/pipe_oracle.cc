#include "store/testing/pipe_oracle.h"

#include <algorithm>
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "event/decimal.h"

namespace sightline::store::testing {
namespace {

using Values = std::vector<std::string>;
using Row = std::vector<std::optional<std::string>>;  // nullopt: null

bool is_integer(const query::Target& target) {
  const auto* field = std::get_if<FieldId>(&target);
  if (field == nullptr) return false;
  const FieldType type = field_info(*field).type;
  return type == FieldType::integer || type == FieldType::time;
}

void add_field(const Event& event, FieldId field, Values& values) {
  if (field == FieldId::id) values.push_back(to_string(event.id));
  if (field == FieldId::event_time) values.push_back(std::to_string(event.event_time_ms));
  if (field == FieldId::received_time) values.push_back(std::to_string(event.received_time_ms));
  const FieldType type = field_info(field).type;
  for (const FieldValue& value : event.fields()) {
    if (value.field != field) continue;
    if (type == FieldType::text) {
      values.emplace_back(value.text);
    } else if (type == FieldType::boolean) {
      values.emplace_back(value.integer != 0 ? "true" : "false");
    } else {
      values.push_back(std::to_string(value.integer));
    }
  }
}

Values values_of(const Event& event, const query::FieldRef& field) {
  Values values;
  for (const query::Target& target : field.targets) {
    if (const auto* id = std::get_if<FieldId>(&target)) {
      add_field(event, *id, values);
      continue;
    }
    for (const Attribute& attribute : event.attributes()) {
      if (attribute.path == std::get<std::string>(target)) values.emplace_back(attribute.text);
    }
  }
  return values;
}

// Numbers in plain digits first, by value, where the name means a path or an integer; else byte by byte.
struct ValueOrder {
  bool numbers_first = false;

  explicit ValueOrder(const query::FieldRef& field)
      : numbers_first(std::ranges::any_of(field.targets, [](const query::Target& target) {
          return is_integer(target) || std::holds_alternative<std::string>(target);
        })) {}

  std::strong_ordering compare(const std::string& left, const std::string& right) const {
    const bool left_number = numbers_first && canonical_decimal(left) == left;
    const bool right_number = numbers_first && canonical_decimal(right) == right;
    if (left_number != right_number) return left_number ? std::strong_ordering::less : std::strong_ordering::greater;
    return left_number ? compare_decimals(left, right) : left <=> right;
  }
};

// Null is last, whichever way.
std::strong_ordering compare(const ValueOrder& order, const std::optional<std::string>& left,
                             const std::optional<std::string>& right, bool descending) {
  if (!left || !right) return right.has_value() <=> left.has_value();
  return descending ? order.compare(*right, *left) : order.compare(*left, *right);
}

// Each different combination of values that the event has.
std::set<Row> combinations(const Event& event, const std::vector<const query::FieldRef*>& by, bool keep_null) {
  std::set<Row> rows{Row{}};
  for (const query::FieldRef* field : by) {
    const Values values = values_of(event, *field);
    Row cells(values.begin(), values.end());
    if (cells.empty() && keep_null) cells.emplace_back(std::nullopt);
    std::set<Row> longer;
    for (const Row& row : rows) {
      for (const auto& cell : cells) {
        Row next = row;
        next.push_back(cell);
        longer.insert(std::move(next));
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

std::string to_text(const Row& row) {
  std::string text;
  for (const auto& cell : row) text += (text.empty() ? "" : "|") + cell.value_or("null");
  return text;
}

// What the first stage asks for.
struct Aggregate {
  std::vector<const query::FieldRef*> by;
  bool keep_null = false;
  bool counts = true;
  std::size_t limit = SIZE_MAX;
};

Aggregate aggregate_of(const query::Stage& stage) {
  Aggregate made;
  if (const auto* count = std::get_if<query::CountStage>(&stage.node)) {
    for (const query::FieldRef& field : count->by) made.by.push_back(&field);
    made.keep_null = true;
  } else if (const auto* top = std::get_if<query::TopStage>(&stage.node)) {
    made.by = {&top->field};
    made.limit = top->limit;
  } else {
    made.by = {&std::get<query::DistinctStage>(stage.node).field};
    made.counts = false;
  }
  return made;
}

struct Counted {
  Row row;
  std::size_t count = 0;
};

bool comes_before(const Aggregate& aggregate, const Counted& left, const Counted& right) {
  if (aggregate.counts && left.count != right.count) return left.count > right.count;
  for (std::size_t i = 0; i < aggregate.by.size(); ++i) {
    const auto order = compare(ValueOrder(*aggregate.by[i]), left.row[i], right.row[i], false);
    if (order != 0) return order < 0;
  }
  return false;
}

void sort_rows(const Aggregate& aggregate, const query::SortStage& sort, std::vector<Counted>& rows) {
  const auto at = static_cast<std::size_t>(std::ranges::find(aggregate.by, sort.field.name, &query::FieldRef::name) -
                                           aggregate.by.begin());
  std::ranges::stable_sort(rows, [&](const Counted& left, const Counted& right) {
    if (at == aggregate.by.size()) return sort.descending ? left.count > right.count : left.count < right.count;
    return compare(ValueOrder(*aggregate.by[at]), left.row[at], right.row[at], sort.descending) < 0;
  });
}

}  // namespace

std::vector<std::string> expected_rows(const EventBatch& events, const query::Query& query) {
  const Aggregate aggregate = aggregate_of(query.stages.front());
  std::map<Row, std::size_t> counts;
  for (const Event& event : events.events()) {
    for (const Row& row : combinations(event, aggregate.by, aggregate.keep_null)) ++counts[row];
  }
  std::vector<Counted> rows;
  for (const auto& [row, count] : counts) rows.push_back({row, count});
  std::ranges::sort(rows,
                    [&](const Counted& left, const Counted& right) { return comes_before(aggregate, left, right); });
  rows.resize(std::min(rows.size(), aggregate.limit));
  for (const query::Stage& stage : query.stages) {
    if (const auto* sort = std::get_if<query::SortStage>(&stage.node)) sort_rows(aggregate, *sort, rows);
    if (const auto* limit = std::get_if<query::LimitStage>(&stage.node)) {
      rows.resize(std::min<std::size_t>(rows.size(), limit->limit));
    }
  }
  std::vector<std::string> lines;
  for (Counted& each : rows) {
    if (aggregate.counts) each.row.emplace_back(std::to_string(each.count));
    lines.push_back(to_text(each.row));
  }
  return lines;
}

std::vector<std::string> expected_order(const EventBatch& events, const query::SortStage& sort) {
  const ValueOrder order(sort.field);
  struct Keyed {
    std::optional<std::string> value;
    std::int64_t time_ms = 0;
    std::string id;
  };
  std::vector<Keyed> sorted;
  for (const Event& event : events.events()) {
    Keyed& keyed = sorted.emplace_back(std::nullopt, event.event_time_ms, to_string(event.id));
    for (std::string& value : values_of(event, sort.field)) {
      const bool better = !keyed.value || (sort.descending ? order.compare(value, *keyed.value) > 0
                                                           : order.compare(value, *keyed.value) < 0);
      if (better) keyed.value = std::move(value);
    }
  }
  std::ranges::sort(sorted, [&](const Keyed& left, const Keyed& right) {
    const auto by_value = compare(order, left.value, right.value, sort.descending);
    if (by_value != 0) return by_value < 0;
    return std::pair(left.time_ms, left.id) > std::pair(right.time_ms, right.id);
  });
  std::vector<std::string> ids;
  for (Keyed& keyed : sorted) ids.push_back(std::move(keyed.id));
  return ids;
}

}  // namespace sightline::store::testing
