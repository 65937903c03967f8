#include "store/clickhouse/value_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/clickhouse/literal.h"
#include "store/clickhouse/stored_value.h"
#include "store/clickhouse/text_sql.h"

namespace sightline::store::clickhouse {
namespace {

using query::Comparator;

// One argument beside constants: the engine runs it once per distinct value of a dictionary column.
std::string without_escape(std::string_view name) { return fmt::format("replaceRegexpOne({}, '^\\\\x00', '')", name); }

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

bool could_be_in_uuid(Comparator comparator, bool ignore_case, std::string_view operand) {
  const bool is_search = comparator == Comparator::contains || comparator == Comparator::starts_with ||
                         comparator == Comparator::ends_with || comparator == Comparator::equals;
  if (!is_search) return true;
  return std::ranges::all_of(ignore_case ? fold_ascii(operand) : std::string(operand),
                             [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; });
}

// The elements of a field, as an array in the form of a text key.
std::string text_elements(std::string_view values) {
  return fmt::format("arrayMap(x -> if(x = '' OR x < '\\x02', concat('\\x00', x), x), {})", values);
}

// Where the values of one attribute key stand: in one of the two pairs of columns.
struct AttributePlace {
  std::string keys;    // column
  std::string column;  // of the values
  std::string key;     // SQL literal of key_bytes()
  bool repeated = false;

  // Works on the distinct texts of keys, of which there are few.
  std::string present() const { return fmt::format("position({}, {}) > 0", keys, key); }
  // An array of texts, empty where the event has none. A key's values stand together.
  std::string values() const {
    const std::string first = fmt::format("intDiv(position({}, {}) + 3, {})", keys, key, kKeyBytes);
    const std::string count =
        repeated ? fmt::format("countSubstrings({}, {})", keys, key) : fmt::format("position({}, {}) > 0", keys, key);
    return fmt::format("arraySlice({}, greatest({}, 1), {})", column, first, count);
  }
};

class AttributeValues {
 public:
  AttributeValues(const Content& content, std::string_view path, Attribute::Kind kind) {
    std::string scratch;
    const std::uint32_t number = content.keys.find(to_attribute_key(path, kind, scratch));
    if (number == AttributeKeys::kNone) return;
    const AttributeKey& key = content.keys[number];
    const std::string quoted = quote_text(key_bytes(number));
    if (key.in_words) places_.push_back({"word_keys", "words", quoted, key.repeated});
    if (key.in_texts) places_.push_back({"text_keys", "texts", quoted, key.repeated});
  }
  bool exist() const { return !places_.empty(); }
  const std::vector<AttributePlace>& places() const { return places_; }

 private:
  std::vector<AttributePlace> places_;
};

struct KeyPart {
  bool integer = false;
  std::string scalar;
  std::string array;
};

std::string as_array(const KeyPart& part) {
  if (!part.array.empty()) return part.array;
  const std::string null = part.integer ? fmt::format("isNull({})", part.scalar) : fmt::format("{} = ''", part.scalar);
  const std::string value =
      part.integer ? fmt::format("assumeNotNull({})", part.scalar) : fmt::format("toString({})", part.scalar);
  return fmt::format("if({}, [], [{}])", null, value);
}

KeyPart field_key(const Content& content, const FieldColumn& column) {
  const std::string name = quote_name(column.name);
  KeyPart part;
  switch (column.kind) {
    case ColumnKind::member:
      part.integer = column.field != FieldId::id;
      part.scalar = part.integer ? fmt::format("toNullable({})", name) : "lower(hex(id))";
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

}  // namespace

std::string quote_id(const EventId& id) { return fmt::format("toFixedString(unhex('{}'), 16)", to_string(id)); }

std::string quote_integer(std::int64_t value) { return fmt::format("toInt64({})", quote_text(std::to_string(value))); }

std::string text_of(const FieldColumn& column) {
  const std::string name = quote_name(column.name);
  return without_escape(column.kind == ColumnKind::packed_text ? unpacked(name) : name);
}

std::string stored_text_condition(const FieldColumn& column, Comparator comparator, bool ignore_case,
                                  std::string_view operand) {
  const std::string name = quote_name(column.name);
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

std::string field_is_null(const Content& content, FieldId field) {
  const FieldColumn& column = field_column(field);
  const std::string name = quote_name(column.name);
  if (column.kind == ColumnKind::member) return std::string(kFalse);
  if (!content.filled[static_cast<std::size_t>(field)]) return std::string(kTrue);
  switch (column.kind) {
    case ColumnKind::integer:
      // The first value may be one that has no stored form.
      if (content.repeated[static_cast<std::size_t>(field)]) {
        return fmt::format("({} = 0 AND NOT has(extra_keys, {}))", name, quote_text(column.name));
      }
      return fmt::format("{} = 0", name);
    case ColumnKind::boolean:
      return fmt::format("{} = 0", name);
    case ColumnKind::list:
    case ColumnKind::text_list:
      return fmt::format("empty({})", name);
    default:
      return fmt::format("{} = ''", name);
  }
}

std::string attribute_condition(const Content& content, std::string_view path, Attribute::Kind kind,
                                const std::string& condition) {
  const AttributeValues values(content, path, kind);
  if (condition == kFalse || !values.exist()) return std::string(kFalse);
  std::vector<std::string> terms;
  for (const AttributePlace& place : values.places()) {
    if (condition == kTrue) {
      terms.push_back(place.present());
    } else {
      terms.push_back(all_of({place.present(), fmt::format("arrayExists(x -> {}, {})", condition, place.values())}));
    }
  }
  return any_of(terms);
}

ValueKey value_key(const Content& content, const query::FieldRef& field) {
  std::vector<KeyPart> parts;
  for (const query::Target& target : field.targets) {
    if (const auto* id = std::get_if<FieldId>(&target)) {
      const FieldColumn& column = field_column(*id);
      const bool filled = column.kind == ColumnKind::member || content.filled[static_cast<std::size_t>(*id)];
      if (filled) parts.push_back(field_key(content, column));
      continue;
    }
    for (const Attribute::Kind kind : {Attribute::Kind::text, Attribute::Kind::number}) {
      const AttributeValues values(content, std::get<std::string>(target), kind);
      for (const AttributePlace& place : values.places()) {
        parts.push_back({.integer = false, .scalar = "", .array = text_elements(place.values())});
      }
    }
  }
  if (parts.empty()) return {.integer = false, .scalar = "''", .array = ""};
  const bool integer = std::ranges::all_of(parts, &KeyPart::integer);
  if (parts.size() == 1)
    return {.integer = integer, .scalar = parts[0].array.empty() ? parts[0].scalar : "", .array = parts[0].array};
  std::string arrays;
  for (const KeyPart& part : parts) {
    std::string array = as_array(part);
    if (part.integer && !integer) array = fmt::format("arrayMap(x -> toString(x), {})", array);
    arrays += (arrays.empty() ? "" : ", ") + array;
  }
  return {.integer = integer, .scalar = "", .array = fmt::format("arrayConcat({})", arrays)};
}

}  // namespace sightline::store::clickhouse
