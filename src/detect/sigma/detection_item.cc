#include "detect/sigma/detection_item.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "detect/sigma/expressions.h"
#include "detect/sigma/modifiers.h"
#include "detect/sigma/string_pattern.h"
#include "detect/sigma/value_patterns.h"
#include "query/checker.h"
#include "query/fold.h"
#include "query/path_catalog.h"
#include "query/time_part.h"

namespace sightline::detect::sigma {
namespace {

constexpr std::size_t kMaxValues = 20'000;  // of one detection

using query::Comparator;
using query::Comparison;
using query::Expr;

[[noreturn]] void missing(const YamlNode& at, std::string_view field) {
  throw Refused{{&at, 0, fmt::format("no source of these events records \"{}\"", field), {}, true}};
}

// A name that is no field of the schema is an attribute of the event.
class EveryPath final : public query::PathCatalog {
 public:
  bool contains(std::string_view path) const override { return !path.empty(); }
  std::vector<std::string> nearest(std::string_view, std::size_t) const override { return {}; }
};

Expr checked(Expr expr, const YamlNode& at) {
  static const EveryPath kEveryPath;
  if (auto fine = query::check(expr, {.catalog = &kEveryPath, .now_ms = std::nullopt}); !fine) {
    const query::Diagnostic& wrong = fine.error();
    refuse(at, wrong.expected.empty() ? wrong.message : fmt::format("{}; expected {}", wrong.message, wrong.expected),
           wrong.hint);
  }
  return expr;
}

Comparator comparator_of(PatternForm::Kind kind) {
  switch (kind) {
    case PatternForm::Kind::contains:
      return Comparator::contains;
    case PatternForm::Kind::starts_with:
      return Comparator::starts_with;
    case PatternForm::Kind::ends_with:
      return Comparator::ends_with;
    case PatternForm::Kind::glob:
      return Comparator::glob;
    case PatternForm::Kind::regex:
      return Comparator::matches;
    default:
      return Comparator::equals;
  }
}

std::optional<query::TimePart> time_part_of(Modifier modifier) {
  if (modifier < Modifier::minute || modifier > Modifier::year) return std::nullopt;
  return query::find_time_part(to_string(modifier));
}

std::vector<const YamlNode*> values_of(const YamlNode& key, const YamlNode& value) {
  std::vector<const YamlNode*> values;
  if (value.kind != YamlNode::Kind::sequence) return {&value};
  for (const YamlNode& item : value.items) values.push_back(&item);
  if (values.empty()) refuse(value, fmt::format("\"{}\" has no values", key.scalar), "list at least one");
  return values;
}

// One key with its modifiers; makes an expression of its values.
class Item {
 public:
  Item(const YamlNode& key_node, FieldKey key, const ItemContext& context)
      : key_node_(key_node), key_(std::move(key)), context_(context), mapped_(context.names.find(key_.field)) {
    if (is_keyword() && !context.names.keywords) {
      refuse(key_node, "events of this log source have no text to look for words in", "name a field");
    }
    const bool recorded = mapped_ == nullptr ? context.names.others : !mapped_->names.empty();
    if (!is_keyword() && !recorded && !is_event_time()) missing(key_node, key_.field);
  }

  Expr lower(std::span<const YamlNode* const> values) const {
    std::vector<Expr> operands;
    for (const YamlNode* each : values) {
      context_.budget.take(1, *each);
      operands.push_back(checked(of_value(*each), *each));
    }
    Expr whole = key_.has(Modifier::all) ? make_all(std::move(operands)) : make_any(merged(std::move(operands)));
    return key_.has(Modifier::neq) ? make_not(std::move(whole)) : std::move(whole);
  }

 private:
  // Words anywhere in the event, without a field.
  bool is_keyword() const { return key_.field.empty(); }

  // A part is asked of a field that says when the event was.
  bool is_event_time() const { return key_.asks_part_of_time() && context_.names.times.contains(key_.field); }

  Expr of_value(const YamlNode& value) const {
    if (value.kind == YamlNode::Kind::mapping || value.kind == YamlNode::Kind::sequence) {
      refuse(value,
             fmt::format("the value of \"{}\" is {}; expected text, a number, or null", key_node_.scalar,
                         to_string(value.kind)),
             "name the inner field by its path, as in outer.inner");
    }
    if (is_keyword() && value.scalar.empty()) {
      refuse(value,
             fmt::format("a keyword is {}; expected text",
                         value.kind == YamlNode::Kind::scalar ? "empty" : to_string(value.kind)),
             "leave it out");
    }
    if (value.kind == YamlNode::Kind::null) return is_null(value);
    if (key_.has(Modifier::exists)) return exists(value);
    if (key_.has(Modifier::fieldref)) return field_reference(value);
    std::vector<Expr> variants;
    if (key_.compares_text_as_it_is()) {
      const auto texts = texts_of(value, key_, context_.placeholders);
      context_.budget.take(texts.size() - 1, value);
      for (const std::string& text : texts) variants.push_back(of_text(text));
    } else {
      const auto patterns = patterns_of(value, key_, context_.placeholders);
      context_.budget.take(patterns.size() - 1, value);
      for (const StringPattern& pattern : patterns) variants.push_back(of_pattern(pattern));
    }
    return make_any(merged(std::move(variants)));
  }

  Expr of_text(const std::string& text) const {
    if (key_.has(Modifier::re)) return regular_expression(text);
    if (key_.has(Modifier::cidr)) return compare(Comparator::cidr, text, false);
    const Comparator order = order_of_modifiers().value_or(Comparator::equals);
    for (const Modifier modifier : key_.modifiers) {
      if (const auto part = time_part_of(modifier)) return of_time_part(*part, order, text);
    }
    return compare(order, text, false, false);
  }

  Expr of_time_part(query::TimePart part, Comparator order, const std::string& text) const {
    const auto make = [&](const std::string& name) {
      Comparison comparison{make_field(name), order, false, {}};
      comparison.operands.push_back(make_literal(text, false));
      return Expr{query::TimePartComparison{part, std::move(comparison)}, {}};
    };
    return is_event_time() ? make("event_time") : over_names(make, false);
  }

  Expr is_null(const YamlNode& value) const {
    const bool fits = std::ranges::all_of(key_.modifiers, [](Modifier modifier) {
      return modifier == Modifier::all || modifier == Modifier::neq || modifier == Modifier::cased;
    });
    if (!fits) refuse(value, "null has no part that a modifier could look at", "write null without modifiers");
    return absent();
  }

  Expr absent() const {
    return over_names([](const std::string& name) { return Expr{query::IsNull{make_field(name)}, {}}; }, true);
  }

  Expr exists(const YamlNode& value) const {
    const bool yes = query::equal_folded(value.scalar, "true");
    if (!yes && !query::equal_folded(value.scalar, "false"))
      refuse(value, "\"exists\" takes true or false", "write true or false");
    return yes ? make_not(absent()) : absent();
  }

  Expr field_reference(const YamlNode& value) const {
    const FieldName* other = context_.names.find(value.scalar);
    const std::vector<std::string> others = other == nullptr ? std::vector<std::string>{value.scalar} : other->names;
    if (others.empty() || (other == nullptr && !context_.names.others)) missing(value, value.scalar);
    std::vector<Expr> any;
    for (const std::string& right : others) {
      any.push_back(over_names(
          [&](const std::string& left) {
            query::FieldComparison comparison{make_field(left), reference_comparator(), false, make_field(right)};
            comparison.ignore_case = !key_.has(Modifier::cased) && !order_of_modifiers();
            return Expr{std::move(comparison), {}};
          },
          false));
    }
    return make_any(std::move(any));
  }

  Comparator reference_comparator() const {
    if (key_.has(Modifier::contains)) return Comparator::contains;
    if (key_.has(Modifier::startswith)) return Comparator::starts_with;
    if (key_.has(Modifier::endswith)) return Comparator::ends_with;
    return order_of_modifiers().value_or(Comparator::equals);
  }

  Expr regular_expression(const std::string& text) const {
    std::string flags;
    if (key_.has(Modifier::i)) flags += 'i';
    if (key_.has(Modifier::m)) flags += 'm';
    if (key_.has(Modifier::s)) flags += 's';
    const std::string pattern = flags.empty() ? text : fmt::format("(?{}){}", flags, text);
    return is_keyword() ? free_pattern(pattern) : compare(Comparator::matches, pattern, false);
  }

  std::optional<Comparator> order_of_modifiers() const {
    if (key_.has(Modifier::lt)) return Comparator::less;
    if (key_.has(Modifier::lte)) return Comparator::less_equal;
    if (key_.has(Modifier::gt)) return Comparator::greater;
    if (key_.has(Modifier::gte)) return Comparator::greater_equal;
    return std::nullopt;
  }

  Expr of_pattern(const StringPattern& pattern) const {
    const bool cased = key_.has(Modifier::cased);
    if (is_keyword()) return keyword(pattern, cased);
    const PatternForm form = form_of(pattern, cased);
    if (form.kind == PatternForm::Kind::any) return make_not(absent());
    return compare(comparator_of(form.kind), named_here(form), !cased && form.kind != PatternForm::Kind::regex);
  }

  // Wildcards at the ends change nothing: a keyword stands anywhere.
  static Expr keyword(const StringPattern& pattern, bool cased) {
    const PatternForm form = form_of(pattern.with_run_before().with_run_after(), cased);
    const bool plain = form.kind == PatternForm::Kind::contains && !cased;
    return plain ? Expr{query::FreeText{make_literal(form.text)}, {}} : free_pattern(regex_within(pattern, cased));
  }

  static Expr free_pattern(const std::string& pattern) {
    return {query::FreeText{make_literal(pattern), Comparator::matches}, {}};
  }

  // What the log source's mapping calls a whole value.
  std::string named_here(const PatternForm& form) const {
    if (mapped_ == nullptr || form.kind != PatternForm::Kind::equals) return form.text;
    const auto found = mapped_->values.find(query::fold(form.text));
    return found == mapped_->values.end() ? form.text : found->second;
  }

  Expr compare(Comparator comparator, const std::string& text, bool ignore_case, bool quoted = true) const {
    return over_names(
        [&](const std::string& name) {
          Comparison comparison;
          comparison.field = make_field(name);
          comparison.comparator = comparator;
          comparison.ignore_case = ignore_case;
          comparison.operands.push_back(make_literal(text, quoted));
          return Expr{std::move(comparison), {}};
        },
        false);
  }

  // Over every name the field has here: all of them, or any.
  template <class Make>
  Expr over_names(const Make& make, bool all) const {
    if (mapped_ == nullptr) return make(key_.field);
    std::vector<Expr> operands;
    for (const std::string& name : mapped_->names) operands.push_back(make(name));
    return all ? make_all(std::move(operands)) : make_any(std::move(operands));
  }

  // Comparisons that differ only in their operand become one, which holds for any of them.
  static std::vector<Expr> merged(std::vector<Expr> alternatives) {
    std::vector<Expr> out;
    for (Expr& expr : alternatives) {
      Comparison* comparison = std::get_if<Comparison>(&expr.node);
      if (comparison == nullptr) {
        out.push_back(std::move(expr));
        continue;
      }
      const auto same = std::ranges::find_if(out, [&](const Expr& each) {
        const auto* other = std::get_if<Comparison>(&each.node);
        return other != nullptr && other->field.name == comparison->field.name &&
               other->comparator == comparison->comparator && other->ignore_case == comparison->ignore_case;
      });
      if (same == out.end()) {
        out.push_back(std::move(expr));
      } else {
        std::ranges::move(comparison->operands, std::back_inserter(std::get<Comparison>(same->node).operands));
      }
    }
    return out;
  }

  const YamlNode& key_node_;
  FieldKey key_;
  const ItemContext& context_;
  const FieldName* mapped_;  // nullptr: the field is called what Sigma calls it
};

}  // namespace

void Budget::take(std::size_t values, const YamlNode& at) {
  taken_ += values;
  if (taken_ > kMaxValues) {
    refuse(at, fmt::format("the detection comes to more than {} values", kMaxValues), "split the rule in several");
  }
}

Expr lower_item(const YamlNode& key, const YamlNode& value, const ItemContext& context) {
  auto parsed = parse_field_key(key.scalar);
  if (!parsed) refuse(key, std::move(parsed.error().message), std::move(parsed.error().hint));
  return Item(key, std::move(*parsed), context).lower(values_of(key, value));
}

Expr lower_keywords(const YamlNode& at, std::span<const YamlNode* const> words, const ItemContext& context) {
  return Item(at, {}, context).lower(words);
}

}  // namespace sightline::detect::sigma
