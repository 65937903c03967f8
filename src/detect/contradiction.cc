#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include "detect/conditions.h"

namespace sightline::detect {
namespace {

using query::And;
using query::Comparator;
using query::Comparison;
using query::Expr;
using query::IsNull;
using query::Not;
using query::Or;

constexpr std::array kEventTypes{"audit", "login", "file", "network", "host", "cloudtrail", "kubernetes", "winsec"};
constexpr std::size_t kMaxSteps = 100'000;

// What a field with one value may still hold.
struct Domain {
  std::optional<std::set<std::string>> texts;  // nullopt: any
  std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  std::int64_t highest = std::numeric_limits<std::int64_t>::max();
  bool present = false;
  bool absent = false;

  bool empty() const { return (present && absent) || lowest > highest || (texts && texts->empty()); }
};

using Domains = std::map<FieldId, Domain>;

// The one field a name stands for, if it is one that has a single value.
std::optional<FieldId> single_field(const query::FieldRef& name) {
  if (name.targets.size() != 1) return std::nullopt;
  const FieldId* field = std::get_if<FieldId>(&name.targets.front());
  if (field == nullptr || field_info(*field).cardinality != FieldCardinality::one) return std::nullopt;
  return *field;
}

void keep_equal(Domain& domain, const Comparison& comparison) {
  std::set<std::string> kept;
  for (const query::Literal& operand : comparison.operands) {
    if (!domain.texts || domain.texts->contains(operand.text)) kept.insert(operand.text);
  }
  domain.texts = std::move(kept);
}

void keep_matching(std::set<std::string>& texts, const Comparison& comparison) {
  const std::string& operand = comparison.operands.front().text;
  std::erase_if(texts, [&](const std::string& text) {
    switch (comparison.comparator) {
      case Comparator::contains:
        return !text.contains(operand);
      case Comparator::starts_with:
        return !text.starts_with(operand);
      case Comparator::ends_with:
        return !text.ends_with(operand);
      default:
        return false;
    }
  });
}

void narrow_text(Domain& domain, const Comparison& comparison, bool negated) {
  if (comparison.ignore_case) return;
  if (comparison.comparator == Comparator::equals) {
    if (!negated) return keep_equal(domain, comparison);
    if (!domain.texts) return;
    for (const query::Literal& operand : comparison.operands) domain.texts->erase(operand.text);
  } else if (domain.texts && !negated && comparison.operands.size() == 1) {
    keep_matching(*domain.texts, comparison);
  }
}

// The range of numbers a literal stands for, both ends included.
std::optional<std::pair<std::int64_t, std::int64_t>> range_of(const query::Literal& literal) {
  if (literal.time) return std::pair{literal.time->begin_ms, literal.time->end_ms - 1};
  if (literal.integer) return std::pair{*literal.integer, *literal.integer};
  return std::nullopt;
}

void narrow_number(Domain& domain, const Comparison& comparison) {
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  std::int64_t highest = std::numeric_limits<std::int64_t>::min();
  for (const query::Literal& operand : comparison.operands) {
    const auto range = range_of(operand);
    if (!range) return;
    lowest = std::min(lowest, range->first);
    highest = std::max(highest, range->second);
  }
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  switch (comparison.comparator) {
    case Comparator::equals:
      domain.lowest = std::max(domain.lowest, lowest);
      domain.highest = std::min(domain.highest, highest);
      break;
    case Comparator::less:
      domain.highest = std::min(domain.highest, lowest == kMin ? kMin : lowest - 1);
      break;
    case Comparator::less_equal:
      domain.highest = std::min(domain.highest, highest);
      break;
    case Comparator::greater:
      domain.lowest = std::max(domain.lowest, highest == kMax ? kMax : highest + 1);
      break;
    case Comparator::greater_equal:
      domain.lowest = std::max(domain.lowest, lowest);
      break;
    default:
      break;
  }
}

// Goes down the tree with what must hold so far. Branches of an OR are tried one by one, each with what holds around
// it; they are not combined with other ORs, so the work stays linear.
class Search {
 public:
  explicit Search(std::span<const std::string> more_event_types)
      : event_types_(kEventTypes.begin(), kEventTypes.end()) {
    event_types_.insert(more_event_types.begin(), more_event_types.end());
  }

  std::optional<Contradiction> assume(const Expr& expr, bool negated, Domains& domains) {
    if (++steps_ > kMaxSteps) return std::nullopt;
    if (const auto* inner = std::get_if<Not>(&expr.node)) return assume(*inner->operand, !negated, domains);
    if (const auto* both = std::get_if<And>(&expr.node)) {
      return negated ? any_of(both->operands, true, domains) : all_of(both->operands, false, domains);
    }
    if (const auto* either = std::get_if<Or>(&expr.node)) {
      return negated ? all_of(either->operands, true, domains) : any_of(either->operands, false, domains);
    }
    if (const auto* comparison = std::get_if<Comparison>(&expr.node)) {
      return assume_comparison(*comparison, expr.span, negated, domains);
    }
    if (const auto* null = std::get_if<IsNull>(&expr.node)) return assume_null(*null, expr.span, negated, domains);
    return std::nullopt;
  }

 private:
  static bool is_leaf(const Expr& expr) {
    return std::holds_alternative<Comparison>(expr.node) || std::holds_alternative<IsNull>(expr.node);
  }

  std::optional<Contradiction> all_of(const std::vector<Expr>& operands, bool negated, Domains& domains) {
    for (const bool leaves : {true, false}) {
      for (const Expr& operand : operands) {
        if (is_leaf(operand) != leaves) continue;
        if (auto found = assume(operand, negated, domains)) return found;
      }
    }
    return std::nullopt;
  }

  std::optional<Contradiction> any_of(const std::vector<Expr>& operands, bool negated, const Domains& domains) {
    std::optional<Contradiction> first;
    for (const Expr& operand : operands) {
      steps_ += domains.size();
      Domains branch = domains;
      auto found = assume(operand, negated, branch);
      if (!found) return std::nullopt;
      if (!first) first = std::move(found);
    }
    return first;
  }

  std::optional<Contradiction> assume_comparison(const Comparison& comparison, query::Span span, bool negated,
                                                 Domains& domains) {
    const std::optional<FieldId> field = single_field(comparison.field);
    if (!field) return std::nullopt;
    Domain& domain = domains[*field];
    if (!negated) domain.present = true;
    const FieldType type = field_info(*field).type;
    if (type == FieldType::text) {
      narrow_text(domain, comparison, negated);
    } else if (!negated) {
      narrow_number(domain, comparison);
    }
    if (*field == FieldId::event_type && !negated) keep_known_types(comparison, domain);
    if (domain.empty()) return explain(*field, comparison, span);
    return std::nullopt;
  }

  // An event_type that is spelled out must exist. What is said of it otherwise may be about types yet unknown.
  void keep_known_types(const Comparison& comparison, Domain& domain) const {
    if (comparison.comparator != Comparator::equals || comparison.ignore_case) return;
    std::erase_if(*domain.texts, [&](const std::string& text) { return !event_types_.contains(text); });
  }

  std::optional<Contradiction> assume_null(const IsNull& null, query::Span span, bool negated, Domains& domains) {
    const std::optional<FieldId> field = single_field(null.field);
    if (!field) return std::nullopt;
    Domain& domain = domains[*field];
    (negated ? domain.present : domain.absent) = true;
    if (!domain.empty()) return std::nullopt;
    return Contradiction{
        span, fmt::format("the filter can never match: {} would have to be null and have a value", null.field.name),
        "remove one of the two conditions"};
  }

  Contradiction explain(FieldId field, const Comparison& comparison, query::Span span) const {
    if (field == FieldId::event_type && comparison.operands.size() == 1) {
      const std::string& text = comparison.operands.front().text;
      if (!event_types_.contains(text)) {
        return {span, fmt::format("the filter can never match: there is no event_type \"{}\"", text.substr(0, 64)),
                fmt::format("expected one of {}", fmt::join(event_types_, ", "))};
      }
    }
    return {
        span,
        fmt::format("the filter can never match: no value of {} satisfies all conditions on it", comparison.field.name),
        "conditions joined by AND must hold together; use OR or IN for alternatives"};
  }

  std::set<std::string> event_types_;
  std::size_t steps_ = 0;
};

}  // namespace

std::optional<Contradiction> find_contradiction(const Expr& filter, std::span<const std::string> more_event_types) {
  Domains domains;
  return Search(more_event_types).assume(filter, false, domains);
}

}  // namespace sightline::detect
