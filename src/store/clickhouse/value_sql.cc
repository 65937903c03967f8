#include "store/clickhouse/value_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "event/decimal.h"
#include "store/clickhouse/batch_text.h"
#include "store/clickhouse/column_group.h"
#include "store/clickhouse/literal.h"
#include "store/clickhouse/stored_value.h"
#include "store/clickhouse/structure.h"
#include "store/clickhouse/text_sql.h"

namespace sightline::store::clickhouse {
namespace {

using query::Comparator;

std::string unpacked(std::string_view name) {
  return fmt::format("if(startsWith({0}, '\\x01'), UUIDNumToString(toFixedString(substring({0}, 2, 16), 16)), {0})",
                     name);
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

// Whether the condition gives the same answer on the stored form as on the value: the byte before an escaped value can
// neither make nor break it.
bool holds_on_stored_form(Comparator comparator, std::string_view operand) {
  if (operand.empty() || has_nul(operand)) return false;
  switch (comparator) {
    case Comparator::equals:
    case Comparator::starts_with:
      return operand.front() > kUuidMark || operand.front() < 0;
    case Comparator::contains:
    case Comparator::ends_with:
      return true;
    default:
      return false;
  }
}

// The elements of a field, as an array in the form of a text key.
std::string text_elements(std::string_view values) {
  return fmt::format("arrayMap(x -> if(x = '' OR x < '\\x02', concat('\\x00', x), x), {})", values);
}

// Where the values of one attribute key stand.
struct AttributePlace {
  std::string present;  // condition
  std::string values;   // an array of texts, empty where the event has none
};

// In one of the two columns. The conditions work on the distinct texts of keys, of which there are few; a
// key's values stand together.
AttributePlace numbered_place(std::string_view keys, std::string_view column, std::uint32_t number, bool repeated) {
  const std::string at = fmt::format("position({}, {})", keys, quote_text(key_bytes(number)));
  const std::string count = repeated ? fmt::format("countSubstrings({}, {})", keys, quote_text(key_bytes(number)))
                                     : fmt::format("{} > 0", at);
  return {.present = at + " > 0",
          .values = fmt::format("arraySlice({}, greatest(intDiv({} + 3, {}), 1), {})", column, at, kKeyBytes, count)};
}

// Among the values that are kept under their names because the names had no number.
AttributePlace named_place(std::string_view key) {
  const std::string name = quote_text(std::string(1, kExtraAttributeMark).append(key));
  return {.present = fmt::format("has(extra_keys, {})", name),
          .values = fmt::format("arrayFilter((x, k) -> k = {}, extra_texts, extra_keys)", name)};
}

class AttributeValues {
 public:
  AttributeValues(const Content& content, std::string_view path, Attribute::Kind kind, bool in_words = true) {
    std::string scratch;
    const std::string_view name = to_attribute_key(path, kind, scratch);
    if (content.unnumbered) places_.push_back(named_place(name));
    const std::uint32_t number = content.keys.find(name);
    if (number == AttributeKeys::kNone) return;
    const AttributeKey& key = content.keys[number];
    if (key.in_words && in_words) places_.push_back(numbered_place(kWordKeysSql, "words", number, key.repeated));
    if (key.in_texts) places_.push_back(numbered_place(kTextKeysSql, "texts", number, key.repeated));
  }
  bool exist() const { return !places_.empty(); }
  const std::vector<AttributePlace>& places() const { return places_; }

 private:
  std::vector<AttributePlace> places_;
};

ValueKey field_key(const Content& content, const FieldColumn& column) {
  const std::string name = column_sql(column);
  ValueKey part;
  switch (column.kind) {
    case ColumnKind::member:
      part.integer = column.field != FieldId::id;
      part.scalar = part.integer ? fmt::format("toNullable({})", name) : std::string(kEventIdSql);
      return part;
    case ColumnKind::dictionary:
    case ColumnKind::text:
      part.scalar = name;
      break;
    case ColumnKind::packed_text:
      part.scalar = unpacked(name);
      break;
    case ColumnKind::list:
    case ColumnKind::text_list:
      part.array = text_elements(fmt::format("arrayMap(x -> toString(x), {})", name));
      return part;
    case ColumnKind::integer:
      part.integer = true;
      part.scalar = fmt::format("if({0} = 0, NULL, if({0} > 0, {0} - 1, {0}))", name);
      break;
    case ColumnKind::boolean:
      part.scalar = fmt::format("['', 'false', 'true'][{} + 1]", name);
      break;
  }
  if (!content.repeated[static_cast<std::size_t>(column.field)]) return part;
  const std::string extra = extra_values(column);
  const bool boolean = column.kind == ColumnKind::boolean;
  part.array = fmt::format("arrayConcat({}, {})", as_array(part),
                           part.integer ? fmt::format("arrayMap(x -> toInt64OrZero(x), {})", extra)
                           : boolean    ? fmt::format("arrayMap(x -> if(x = '0', 'false', 'true'), {})", extra)
                                        : text_elements(extra));
  return part;
}

bool is_path(const query::Target& target) { return std::holds_alternative<std::string>(target); }

bool is_integer_target(const query::Target& target) {
  const auto* field = std::get_if<FieldId>(&target);
  return field != nullptr && *field != FieldId::id &&
         (field_column(*field).kind == ColumnKind::integer || field_column(*field).kind == ColumnKind::member);
}

// The values of the targets that hold some of these kinds.
std::vector<ValueKey> value_parts(const Content& content, const query::FieldRef& field,
                                  std::span<const Attribute::Kind> kinds) {
  std::vector<ValueKey> parts;
  for (const query::Target& target : field.targets) {
    if (const auto* id = std::get_if<FieldId>(&target)) {
      const Attribute::Kind kind = is_integer_target(target) ? Attribute::Kind::number : Attribute::Kind::text;
      const FieldColumn& column = field_column(*id);
      const bool filled = column.kind == ColumnKind::member || content.filled[static_cast<std::size_t>(*id)];
      if (filled && std::ranges::find(kinds, kind) != kinds.end()) parts.push_back(field_key(content, column));
      continue;
    }
    for (const Attribute::Kind kind : kinds) {
      const AttributeValues values(content, std::get<std::string>(target), kind);
      for (const AttributePlace& place : values.places()) {
        parts.push_back({.integer = false, .scalar = "", .array = text_elements(place.values)});
      }
    }
  }
  return parts;
}

ValueKey joined(const std::vector<ValueKey>& parts) {
  ValueKey key;
  key.integer = !parts.empty() && std::ranges::all_of(parts, &ValueKey::integer);
  if (parts.empty()) {
    key.scalar = "''";
  } else if (parts.size() == 1) {
    key.scalar = parts[0].array.empty() ? parts[0].scalar : "";
    key.array = parts[0].array;
  } else {
    std::string arrays;
    for (const ValueKey& part : parts) {
      std::string array = as_array(part);
      if (part.integer && !key.integer) array = fmt::format("arrayMap(x -> toString(x), {})", array);
      arrays += (arrays.empty() ? "" : ", ") + array;
    }
    key.array = fmt::format("arrayConcat({})", arrays);
  }
  return key;
}

}  // namespace

std::string has_id(std::span<const EventId> ids) {
  std::string batches;
  std::string rows;
  std::string events;
  std::set<BatchId> seen;
  for (const EventId& id : ids) {
    const BatchId batch = batch_of(id);
    const std::string quoted = quote_batch_id(batch);
    if (seen.insert(batch).second) batches += (batches.empty() ? "" : ", ") + quoted;
    rows += fmt::format("{}{}", rows.empty() ? "" : ", ", index_of(id));
    events += fmt::format("{}({}, {})", events.empty() ? "" : ", ", quoted, index_of(id));
  }
  if (events.empty()) return std::string(kFalse);
  // The indexes know batches and rows apart.
  return fmt::format("({0} IN ({1}) AND batch_row IN ({2}) AND ({0}, batch_row) IN ({3}))", kBatchIdSql, batches, rows,
                     events);
}

bool could_be_in_uuid(Comparator comparator, bool ignore_case, std::string_view operand) {
  const bool is_search = comparator == Comparator::contains || comparator == Comparator::starts_with ||
                         comparator == Comparator::ends_with || comparator == Comparator::equals;
  if (!is_search) return true;
  return std::ranges::all_of(ignore_case ? fold_ascii(operand) : std::string(operand),
                             [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; });
}

// One argument beside constants: the engine runs it once per distinct value of a dictionary column.
std::string without_escape(std::string_view form) { return fmt::format("replaceRegexpOne({}, '^\\\\x00', '')", form); }

std::string text_of(const FieldColumn& column) {
  const std::string name = column_sql(column);
  return without_escape(column.kind == ColumnKind::packed_text ? unpacked(name) : name);
}

std::string stored_text_condition(const FieldColumn& column, Comparator comparator, bool ignore_case,
                                  std::string_view operand) {
  const std::string name = column_sql(column);
  const bool packed = column.kind == ColumnKind::packed_text;
  if (holds_on_stored_form(comparator, operand)) {
    if (!packed) return text_condition(name, comparator, ignore_case, operand);
    if (!could_be_in_uuid(comparator, ignore_case, operand)) {
      return all_of(
          {fmt::format("NOT startsWith({}, '\\x01')", name), text_condition(name, comparator, ignore_case, operand)});
    }
    return text_condition(unpacked(name), comparator, ignore_case, operand);
  }
  return all_of({fmt::format("{} != ''", name), text_condition(text_of(column), comparator, ignore_case, operand)});
}

std::string extra_values(const FieldColumn& column) {
  return fmt::format("arrayFilter((x, k) -> k = {}, extra_texts, extra_keys)", quote_text(column.name));
}

std::string is_filled(const FieldColumn& column) {
  const std::string name = column_sql(column);
  switch (column.kind) {
    case ColumnKind::list:
    case ColumnKind::text_list:
      return fmt::format("notEmpty({})", name);
    case ColumnKind::integer:
    case ColumnKind::boolean:
      return fmt::format("{} != 0", name);
    default:
      return fmt::format("{} != ''", name);
  }
}

std::string field_is_null(const Content& content, FieldId field) {
  const FieldColumn& column = field_column(field);
  if (column.kind == ColumnKind::member) return std::string(kFalse);
  if (!content.filled[static_cast<std::size_t>(field)]) return std::string(kTrue);
  const std::string is_default = negate(is_filled(column));
  // The first value may be one that does not fit the column.
  const bool may_not_fit = column.kind == ColumnKind::integer || column.is_grouped();
  if (!may_not_fit || !content.repeated[static_cast<std::size_t>(field)]) return is_default;
  return fmt::format("({} AND NOT has(extra_keys, {}))", is_default, quote_text(column.name));
}

std::string attribute_condition(const Content& content, std::string_view path, Attribute::Kind kind,
                                const std::string& condition, bool in_words) {
  const AttributeValues values(content, path, kind, in_words);
  if (condition == kFalse || !values.exist()) return std::string(kFalse);
  std::vector<std::string> terms;
  for (const AttributePlace& place : values.places()) {
    if (condition == kTrue) {
      terms.push_back(place.present);
    } else {
      terms.push_back(all_of({place.present, fmt::format("arrayExists(x -> {}, {})", condition, place.values)}));
    }
  }
  return any_of(terms);
}

ValueKey value_key(const Content& content, const query::FieldRef& field) {
  constexpr std::array kBoth{Attribute::Kind::text, Attribute::Kind::number};
  ValueKey key = joined(value_parts(content, field, kBoth));
  key.numbers_first =
      std::ranges::any_of(field.targets, is_integer_target) || std::ranges::any_of(field.targets, is_path);
  return key;
}

ValueKey value_key(const Content& content, const query::FieldRef& field, Attribute::Kind kind) {
  ValueKey key = joined(value_parts(content, field, std::span(&kind, 1)));
  key.numbers_first = kind == Attribute::Kind::number;
  return key;
}

std::string as_array(const ValueKey& key) {
  if (!key.array.empty()) return key.array;
  const std::string null = key.integer ? fmt::format("isNull({})", key.scalar) : fmt::format("{} = ''", key.scalar);
  const std::string value =
      key.integer ? fmt::format("assumeNotNull({})", key.scalar) : fmt::format("toString({})", key.scalar);
  return fmt::format("if({}, [], [{}])", null, value);
}

// A text that sorts as the number does: the sign, the length of the integer part, the digits; of negative numbers all
// of it turned round.
std::string order_value(const ValueKey& key, std::string_view expression) {
  if (key.integer || !key.numbers_first) return std::string(expression);
  const auto integer_digits = [](std::string_view digits) {
    return fmt::format("toInt64(if(position({0}, '.') = 0, length({0}), position({0}, '.') - 1))", digits);
  };
  const std::string magnitude = fmt::format("substring({}, 2)", expression);
  return fmt::format(
      "multiIf(length({0}) > {1} OR NOT match({0}, '^(0|-?(0[.][0-9]*[1-9]|[1-9][0-9]*([.][0-9]*[1-9])?))$'), "
      "concat('3', {0}), startsWith({0}, '-'), concat('1', toString(9000 - {2}), translate({3}, '0123456789', "
      "'9876543210'), '~'), concat('2', toString(1000 + {4}), {0}))",
      expression, kMaxDecimalSize, integer_digits(magnitude), magnitude, integer_digits(expression));
}

}  // namespace sightline::store::clickhouse
