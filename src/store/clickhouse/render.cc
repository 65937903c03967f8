#include "store/clickhouse/render.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "query/glob.h"
#include "store/clickhouse/column_group.h"
#include "store/clickhouse/field_comparison_sql.h"
#include "store/clickhouse/literal.h"
#include "store/clickhouse/stored_value.h"
#include "store/clickhouse/text_sql.h"
#include "store/clickhouse/time_part_sql.h"
#include "store/clickhouse/value_sql.h"
#include "store/clickhouse/vocabulary.h"

namespace sightline::store::clickhouse {
namespace {

using query::Comparator;
using query::Comparison;
using query::Literal;

// The text that every value has which satisfies the comparison; empty where that is not known.
std::string needed_text(Comparator comparator, bool ignore_case, std::string_view operand) {
  switch (comparator) {
    case Comparator::equals:
    case Comparator::contains:
    case Comparator::starts_with:
    case Comparator::ends_with:
      return std::string(operand);
    case Comparator::glob: {
      const query::Glob glob(operand, ignore_case);
      return *std::ranges::max_element(glob.parts(), {}, &std::string::size);
    }
    default:
      return "";
  }
}

// Looks texts up in a vocabulary, as long as that is cheap beside a search.
class Lookups {
 public:
  // `vocabulary` may be null.
  explicit Lookups(const Vocabulary* vocabulary) : vocabulary_(vocabulary) {}

  // Whether a value of the column may have the text.
  bool may_hold(std::string_view column, std::string_view text) {
    if (vocabulary_ == nullptr) return true;
    const std::size_t size = vocabulary_->size_bytes(column) + kBytesEach;
    if (text.empty() || size > bytes_left_) return true;
    bytes_left_ -= size;
    return vocabulary_->may_hold(column, text);
  }

 private:
  static constexpr std::size_t kBytesEach = 1000;  // what a lookup costs by itself
  const Vocabulary* vocabulary_;
  std::size_t bytes_left_ = 64U << 20;  // some 50 ms
};

class Renderer {
 public:
  explicit Renderer(const Content& content) : content_(content), lookups_(content.vocabulary.get()) {}

  std::string operator()(const query::Expr& expr) { return std::visit(*this, expr.node); }
  std::string operator()(const query::And& node) { return all_of(render_all(node.operands)); }
  std::string operator()(const query::Or& node) { return any_of(render_all(node.operands)); }
  std::string operator()(const query::Not& node) { return negate((*this)(*node.operand)); }
  std::string operator()(const Comparison& node);
  std::string operator()(const query::FieldComparison& node) { return field_comparison(content_, node); }
  std::string operator()(const query::TimePartComparison& node);
  std::string operator()(const query::IsNull& node);
  std::string operator()(const query::FreeText& node);

 private:
  std::vector<std::string> render_all(const std::vector<query::Expr>& operands) {
    std::vector<std::string> terms;
    for (const query::Expr& operand : operands) terms.push_back((*this)(operand));
    return terms;
  }

  std::string compare_field(FieldId field, const Comparison& node);
  std::string compare_text_column(const FieldColumn& column, const Comparison& node);
  std::string compare_integer(std::string_view value, std::string_view guard, const Comparison& node, bool stored);
  std::string compare_extra(const FieldColumn& column, const Comparison& node);
  std::string compare_attribute(std::string_view path, const Comparison& node);
  std::string free_text_column(const FieldColumn& column, const query::FreeText& node);
  bool may_hold_operand(const FieldColumn& column, const Comparison& node, std::string_view operand);

  const Content& content_;
  Lookups lookups_;
};

// That the free text is in the text `value`.
std::string in_text(std::string_view value, const query::FreeText& node) {
  return text_condition(value, node.comparator, node.comparator == Comparator::contains, node.text.text);
}

// That `value` is one of these; of none, nothing.
std::string is_one_of(std::string_view value, const std::vector<std::string>& constants) {
  if (constants.empty()) return any_of({});
  if (constants.size() == 1) return fmt::format("{} = {}", value, constants.front());
  return fmt::format("{} IN ({})", value, fmt::join(constants, ", "));
}

// Whether any operand satisfies a condition on the text `value`.
std::string any_text(std::string_view value, const Comparison& node) {
  const bool is_plain_equals = node.comparator == Comparator::equals && !node.ignore_case;
  std::vector<std::string> terms;
  for (const Literal& operand : node.operands) {
    terms.push_back(is_plain_equals ? quote_text(operand.text)
                                    : text_condition(value, node.comparator, node.ignore_case, operand.text));
  }
  return is_plain_equals ? is_one_of(value, terms) : any_of(terms);
}

std::string compare_time(std::string_view column, const Comparison& node) {
  std::vector<std::string> terms;
  for (const Literal& operand : node.operands) {
    if (!operand.time) continue;
    const auto [begin, end] = *operand.time;
    switch (node.comparator) {
      case Comparator::equals:
        terms.push_back(fmt::format("({0} >= {1} AND {0} < {2})", column, begin, end));
        break;
      case Comparator::less:
        terms.push_back(fmt::format("{} < {}", column, begin));
        break;
      case Comparator::less_equal:
        terms.push_back(fmt::format("{} < {}", column, end));
        break;
      case Comparator::greater:
        terms.push_back(fmt::format("{} >= {}", column, end));
        break;
      case Comparator::greater_equal:
        terms.push_back(fmt::format("{} >= {}", column, begin));
        break;
      default:
        break;
    }
  }
  return any_of(terms);
}

std::string compare_id(const Comparison& node) {
  if (node.comparator != Comparator::equals) return std::string(kFalse);
  std::vector<EventId> ids;
  for (const Literal& operand : node.operands) {
    if (const std::optional<EventId> id = parse_event_id(operand.text)) ids.push_back(*id);
  }
  return has_id(ids);
}

std::string Renderer::operator()(const Comparison& node) {
  std::vector<std::string> terms;
  for (const query::Target& target : node.field.targets) {
    if (const auto* field = std::get_if<FieldId>(&target)) {
      terms.push_back(compare_field(*field, node));
    } else {
      terms.push_back(compare_attribute(std::get<std::string>(target), node));
    }
  }
  return any_of(terms);
}

std::string Renderer::compare_field(FieldId field, const Comparison& node) {
  const FieldColumn& column = field_column(field);
  const std::string name = column_sql(column);
  if (column.kind == ColumnKind::member) return field == FieldId::id ? compare_id(node) : compare_time(name, node);
  if (!content_.filled[static_cast<std::size_t>(field)]) return std::string(kFalse);
  std::vector<std::string> terms;
  switch (column.kind) {
    case ColumnKind::integer:
      terms.push_back(compare_integer(name, fmt::format("{} != 0", name), node, true));
      break;
    case ColumnKind::boolean:
      for (const Literal& operand : node.operands) {
        if (node.comparator != Comparator::equals || !operand.integer) continue;
        terms.push_back(fmt::format("{} = {}", name, to_stored_boolean(*operand.integer)));
      }
      break;
    case ColumnKind::list:
    case ColumnKind::text_list:
      terms.push_back(fmt::format("arrayExists(x -> {}, {})", any_text("x", node), name));
      break;
    default:
      terms.push_back(compare_text_column(column, node));
      break;
  }
  if (content_.repeated[static_cast<std::size_t>(field)]) terms.push_back(compare_extra(column, node));
  return any_of(terms);
}

std::string Renderer::compare_text_column(const FieldColumn& column, const Comparison& node) {
  std::vector<std::string> terms;
  const bool is_plain_equals = node.comparator == Comparator::equals && !node.ignore_case;
  for (const Literal& operand : node.operands) {
    if (!may_hold_operand(column, node, operand.text)) continue;
    std::string scratch;
    terms.push_back(is_plain_equals
                        ? quote_text(to_stored_text(operand.text, column.kind == ColumnKind::packed_text, scratch))
                        : stored_text_condition(column, node.comparator, node.ignore_case, operand.text));
  }
  return is_plain_equals ? is_one_of(column_sql(column), terms) : any_of(terms);
}

bool Renderer::may_hold_operand(const FieldColumn& column, const Comparison& node, std::string_view operand) {
  if (column.kind == ColumnKind::text) return true;
  if (column.kind == ColumnKind::packed_text && could_be_in_uuid(node.comparator, node.ignore_case, operand))
    return true;
  const std::string_view name =
      column.is_grouped() ? column_groups()[static_cast<std::size_t>(column.group)].name : column.name;
  return lookups_.may_hold(name, needed_text(node.comparator, node.ignore_case, operand));
}

// `stored`: value is in stored form and `guard` says that it is not null.
std::string Renderer::compare_integer(std::string_view value, std::string_view guard, const Comparison& node,
                                      bool stored) {
  std::vector<std::string> terms;
  std::vector<std::string> equals;
  for (const Literal& operand : node.operands) {
    if (!operand.integer || !(is_order(node.comparator) || node.comparator == Comparator::equals)) continue;
    if (stored && *operand.integer == kUnstorableInteger) {
      // Above everything in the column.
      const bool below = node.comparator == Comparator::less || node.comparator == Comparator::less_equal;
      if (below) terms.emplace_back(guard);
      continue;
    }
    const std::int64_t bound = stored ? to_stored_integer(*operand.integer) : *operand.integer;
    if (node.comparator == Comparator::equals) {
      equals.push_back(std::to_string(bound));
      continue;
    }
    const std::string order = fmt::format("{} {} {}", value, order_sign(node.comparator), bound);
    terms.push_back(stored ? all_of({std::string(guard), order}) : order);
  }
  if (!equals.empty()) terms.push_back(is_one_of(value, equals));
  return any_of(terms);
}

std::string Renderer::compare_extra(const FieldColumn& column, const Comparison& node) {
  const FieldType type = field_info(column.field).type;
  std::string condition;
  if (type == FieldType::integer) {
    condition = compare_integer("toInt64OrZero(x)", kTrue, node, false);
  } else if (type == FieldType::boolean) {
    std::vector<std::string> terms;
    for (const Literal& operand : node.operands) {
      if (node.comparator != Comparator::equals || !operand.integer) continue;
      terms.push_back(*operand.integer != 0 ? "x != '0'" : "x = '0'");
    }
    condition = any_of(terms);
  } else {
    condition = any_text("x", node);
  }
  return fmt::format("arrayExists(x -> {}, {})", condition, extra_values(column));
}

std::string Renderer::compare_attribute(std::string_view path, const Comparison& node) {
  std::vector<std::string> of_text;
  std::vector<std::string> of_number;
  bool in_words = false;
  if (node.comparator == Comparator::equals) of_text.push_back(any_text("x", node));
  for (const Literal& operand : node.operands) {
    in_words = in_words || operand.decimal ||
               lookups_.may_hold("words", needed_text(node.comparator, node.ignore_case, operand.text));
    if (node.comparator == Comparator::equals) {
      if (operand.decimal) of_number.push_back(decimal_condition("x", node.comparator, *operand.decimal));
    } else if (!is_order(node.comparator)) {
      of_text.push_back(text_condition("x", node.comparator, node.ignore_case, operand.text));
      of_number.push_back(of_text.back());
    } else if (operand.quoted) {
      of_text.push_back(text_condition("x", node.comparator, false, operand.text));
    } else if (operand.decimal) {
      of_number.push_back(decimal_condition("x", node.comparator, *operand.decimal));
    }
  }
  return any_of({attribute_condition(content_, path, Attribute::Kind::text, any_of(of_text), in_words),
                 attribute_condition(content_, path, Attribute::Kind::number, any_of(of_number), in_words)});
}

std::string Renderer::operator()(const query::TimePartComparison& node) {
  std::vector<std::string> terms;
  for (const query::Target& target : node.comparison.field.targets) {
    const auto* field = std::get_if<FieldId>(&target);
    if (field == nullptr || field_info(*field).type != FieldType::time) continue;
    const std::string part = time_part(node.part, column_sql(field_column(*field)));
    terms.push_back(compare_integer(part, kTrue, node.comparison, false));
  }
  return any_of(terms);
}

std::string Renderer::operator()(const query::IsNull& node) {
  std::vector<std::string> terms;
  for (const query::Target& target : node.field.targets) {
    if (const auto* field = std::get_if<FieldId>(&target)) {
      terms.push_back(field_is_null(content_, *field));
    } else {
      for (const Attribute::Kind kind : {Attribute::Kind::text, Attribute::Kind::number}) {
        terms.push_back(negate(attribute_condition(content_, std::get<std::string>(target), kind, std::string(kTrue))));
      }
    }
  }
  return all_of(terms);
}

std::string Renderer::operator()(const query::FreeText& node) {
  query::FreeText folded = node;
  const bool is_pattern = node.comparator == Comparator::matches;
  if (!is_pattern) folded.text.text = fold_ascii(node.text.text);
  const std::string needed = needed_text(folded.comparator, !is_pattern, folded.text.text);
  std::vector<std::string> terms;
  // Such bytes stand in the text of a group only as parts of texts, so it can be searched as a whole; not by a pattern,
  // which may speak of a value's ends.
  const bool groups_whole =
      !is_pattern && std::ranges::all_of(folded.text.text, [](char c) { return c >= ' ' || c < 0; });
  for (const FieldColumn& column : field_columns()) {
    if (column.is_grouped() && groups_whole) continue;
    if (content_.filled[static_cast<std::size_t>(column.field)]) terms.push_back(free_text_column(column, folded));
  }
  for (const ColumnGroup& group : column_groups()) {
    const auto filled = [&](FieldId field) { return content_.filled[static_cast<std::size_t>(field)]; };
    if (!groups_whole || std::ranges::none_of(group.fields, filled) || !lookups_.may_hold(group.name, needed)) continue;
    terms.push_back(in_text(group.name, folded));
  }
  const std::string in_element = in_text("x", folded);
  if (content_.has_extra()) {
    std::string booleans;
    for (const FieldColumn& column : field_columns()) {
      if (column.kind == ColumnKind::boolean && content_.repeated[static_cast<std::size_t>(column.field)]) {
        booleans += (booleans.empty() ? "" : ", ") + quote_text(column.name);
      }
    }
    const std::string values =
        booleans.empty() ? "extra_texts"
                         : fmt::format("arrayFilter((x, k) -> k NOT IN ({}), extra_texts, extra_keys)", booleans);
    terms.push_back(fmt::format("arrayExists(x -> {}, {})", in_element, values));
  }
  if (content_.keys.size() > 0) {
    if (lookups_.may_hold("words", needed)) terms.push_back(fmt::format("arrayExists(x -> {}, words)", in_element));
    terms.push_back(fmt::format("arrayExists(x -> {}, texts)", in_element));
  }
  return any_of(terms);
}

std::string Renderer::free_text_column(const FieldColumn& column, const query::FreeText& node) {
  const std::string name = column_sql(column);
  const bool is_pattern = node.comparator == Comparator::matches;
  const std::string needed = needed_text(node.comparator, !is_pattern, node.text.text);
  switch (column.kind) {
    case ColumnKind::packed_text:
      if (could_be_in_uuid(node.comparator, !is_pattern, node.text.text)) {
        return stored_text_condition(column, node.comparator, !is_pattern, node.text.text);
      }
      [[fallthrough]];
    case ColumnKind::dictionary:
      if (!column.is_grouped() && !lookups_.may_hold(column.name, needed)) return std::string(kFalse);
      [[fallthrough]];
    case ColumnKind::text:
      return stored_text_condition(column, node.comparator, !is_pattern, node.text.text);
    case ColumnKind::list:
      if (!lookups_.may_hold(column.name, needed)) return std::string(kFalse);
      [[fallthrough]];
    case ColumnKind::text_list:
      return fmt::format("arrayExists(x -> {}, {})", in_text("x", node), name);
    case ColumnKind::integer: {
      const bool could_be_digits =
          is_pattern || std::ranges::all_of(node.text.text, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
      if (!could_be_digits) return std::string(kFalse);
      const std::string digits = fmt::format("toString(if({0} > 0, {0} - 1, {0}))", name);
      return fmt::format("({} != 0 AND {})", name, in_text(digits, node));
    }
    default:
      return std::string(kFalse);
  }
}

}  // namespace

std::string render(const query::Expr& expr, const Content& content) { return Renderer(content)(expr); }

}  // namespace sightline::store::clickhouse
