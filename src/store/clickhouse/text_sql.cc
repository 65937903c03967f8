#include "store/clickhouse/text_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/cidr.h"
#include "query/glob.h"
#include "store/clickhouse/literal.h"

namespace sightline::store::clickhouse {
namespace {

using query::Comparator;

std::string join(const std::vector<std::string>& terms, std::string_view word) {
  std::string sql = "(";
  for (const std::string& term : terms) {
    if (sql.size() > 1) sql += word;
    sql += term;
  }
  return sql + ')';
}

// A whole-value pattern. Regular expressions are no help: they work on characters, patterns on bytes.
std::string glob_condition(std::string_view value, bool ignore_case, std::string_view pattern) {
  const query::Glob glob(pattern, ignore_case);
  const std::string folded = ignore_case ? fmt::format("lower({})", value) : std::string(value);
  const std::vector<std::string>& parts = glob.parts();
  if (parts.size() == 1) return fmt::format("{} = {}", folded, quote_text(parts.front()));
  const std::size_t ends = parts.front().size() + parts.back().size();
  std::vector<std::string> terms{fmt::format("length({}) >= {}", value, ends)};
  if (!parts.front().empty()) terms.push_back(fmt::format("startsWith({}, {})", folded, quote_text(parts.front())));
  if (!parts.back().empty()) terms.push_back(fmt::format("endsWith({}, {})", folded, quote_text(parts.back())));
  std::vector<std::string> middle;
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    if (!parts[i].empty()) middle.push_back(quote_text(parts[i]));
  }
  const std::string between = fmt::format("substring({}, {}, greatest(0, toInt64(length({})) - {}))", folded,
                                          parts.front().size() + 1, value, ends);
  if (middle.size() == 1) terms.push_back(fmt::format("position({}, {}) > 0", between, middle.front()));
  if (middle.size() > 1) {
    // The state is the part of the value behind what has been found, with one byte before it; empty: not found.
    std::string list;
    for (const std::string& part : middle) list += (list.empty() ? "" : ", ") + part;
    terms.push_back(
        fmt::format("arrayFold((rest, part) -> if(position(substring(rest, 2), part) = 0, '', "
                    "substring(rest, position(substring(rest, 2), part) + length(part))), "
                    "[{}], concat('.', {})) != ''",
                    list, between));
  }
  return all_of(terms);
}

std::string quote_address(const query::IpAddress& address) {
  return quote_text({reinterpret_cast<const char*>(address.data()), address.size()});
}

// The engine reads more forms of addresses than the language knows; the patterns hold it to those.
std::string cidr_condition(std::string_view value, std::string_view operand) {
  const std::optional<query::CidrRange> range = query::parse_cidr(operand);
  if (!range) return std::string(kFalse);
  constexpr std::string_view kOctet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  const std::string four = fmt::format("({0}\\.){{3}}{0}", kOctet);
  const std::string pattern = fmt::format("^({}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*|[0-9A-Fa-f:]*:{})$", four, four);
  return fmt::format(
      "(match({0}, {1}) AND ifNull(IPv6StringToNumOrNull({0}) BETWEEN toFixedString({2}, 16) AND "
      "toFixedString({3}, 16), 0))",
      value, quote_text(pattern), quote_address(range->first), quote_address(range->last));
}

std::string find_condition(std::string_view value, Comparator comparator, bool ignore_case, std::string_view operand) {
  if (comparator == Comparator::contains) {
    return fmt::format("{}({}, {}) > 0", ignore_case ? "positionCaseInsensitive" : "position", value,
                       quote_text(operand));
  }
  const std::string folded = ignore_case ? fmt::format("lower({})", value) : std::string(value);
  if (comparator == Comparator::equals) return fmt::format("{} = {}", folded, quote_text(operand));
  return fmt::format("{}({}, {})", comparator == Comparator::starts_with ? "startsWith" : "endsWith", folded,
                     quote_text(operand));
}

}  // namespace

std::string valid_utf8(std::string_view value) {
  return fmt::format("left(toValidUTF8(concat({}, '    ')), -4)", value);
}

std::string any_of(const std::vector<std::string>& terms) {
  std::vector<std::string> kept;
  std::ranges::copy_if(terms, std::back_inserter(kept), [](const std::string& term) { return term != kFalse; });
  if (kept.empty()) return std::string(kFalse);
  if (std::ranges::find(kept, kTrue) != kept.end()) return std::string(kTrue);
  return kept.size() == 1 ? kept.front() : join(kept, " OR ");
}

std::string all_of(const std::vector<std::string>& terms) {
  std::vector<std::string> kept;
  std::ranges::copy_if(terms, std::back_inserter(kept), [](const std::string& term) { return term != kTrue; });
  if (kept.empty()) return std::string(kTrue);
  if (std::ranges::find(kept, kFalse) != kept.end()) return std::string(kFalse);
  return kept.size() == 1 ? kept.front() : join(kept, " AND ");
}

std::string negate(std::string_view condition) {
  if (condition == kTrue) return std::string(kFalse);
  if (condition == kFalse) return std::string(kTrue);
  return fmt::format("(NOT ({}))", condition);
}

std::string fold_ascii(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return folded;
}

bool is_order(Comparator comparator) {
  return comparator == Comparator::less || comparator == Comparator::less_equal || comparator == Comparator::greater ||
         comparator == Comparator::greater_equal;
}

std::string_view order_sign(Comparator comparator) {
  switch (comparator) {
    case Comparator::less:
      return "<";
    case Comparator::less_equal:
      return "<=";
    case Comparator::greater:
      return ">";
    case Comparator::greater_equal:
      return ">=";
    default:
      return "=";
  }
}

std::string text_condition(std::string_view value, Comparator comparator, bool ignore_case, std::string_view operand) {
  const std::string folded = ignore_case ? fold_ascii(operand) : std::string(operand);
  switch (comparator) {
    case Comparator::equals:
    case Comparator::contains:
    case Comparator::starts_with:
    case Comparator::ends_with:
      return find_condition(value, comparator, ignore_case, folded);
    case Comparator::glob:
      return glob_condition(value, ignore_case, operand);
    case Comparator::matches:
      return fmt::format("match({}, {})", valid_utf8(value), quote_text(fmt::format("(?-s){}", operand)));
    case Comparator::cidr:
      return cidr_condition(value, operand);
    default:
      return fmt::format("{} {} {}", value, order_sign(comparator), quote_text(operand));
  }
}

std::string decimal_condition(std::string_view value, Comparator comparator, std::string_view decimal) {
  if (!is_order(comparator)) return fmt::format("{} = {}", value, quote_text(decimal));
  const bool negative = decimal.starts_with('-');
  const std::string_view digits = decimal.substr(negative ? 1 : 0);
  const std::size_t integer_size = std::min(digits.find('.'), digits.size());
  // The longer integer part is the larger number; of equal ones the bytes decide.
  const auto magnitude = [](std::string_view text) {
    return fmt::format("(if(position({0}, '.') = 0, length({0}), position({0}, '.') - 1), {0})", text);
  };
  const auto compare = [&](std::string_view text, std::string_view sign) {
    return fmt::format("{} {} (toUInt64({}), {})", magnitude(text), sign, integer_size, quote_text(digits));
  };
  const bool upwards = comparator == Comparator::less || comparator == Comparator::less_equal;
  const std::string is_negative = fmt::format("startsWith({}, '-')", value);
  if (!negative) {
    const std::string order = compare(value, order_sign(comparator));
    return upwards ? fmt::format("({} OR {})", is_negative, order) : fmt::format("(NOT {} AND {})", is_negative, order);
  }
  constexpr std::string_view kMirrored[] = {">", ">=", "<", "<="};
  const auto at = static_cast<std::size_t>(comparator) - static_cast<std::size_t>(Comparator::less);
  const std::string order = compare(fmt::format("substring({}, 2)", value), kMirrored[at]);
  return upwards ? fmt::format("({} AND {})", is_negative, order) : fmt::format("(NOT {} OR {})", is_negative, order);
}

}  // namespace sightline::store::clickhouse
