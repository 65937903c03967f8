#include "detect/sigma/detection_item.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "detect/sigma/expressions.h"
#include "detect/sigma/modifiers.h"
#include "detect/sigma/string_pattern.h"
#include "detect/sigma/transforms.h"
#include "query/checker.h"
#include "query/fold.h"
#include "query/path_catalog.h"

namespace sightline::detect::sigma {
namespace {

using query::Comparator;
using query::Comparison;
using query::Expr;

// Thrown and caught in this file.
struct Refused {
  Refusal refusal;
};

[[noreturn]] void refuse(const YamlNode& at, std::string message, std::string hint = {}) {
  throw Refused{{&at, 0, std::move(message), std::move(hint), false}};
}

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

// Substitutes placeholders by each of their values.
std::vector<StringPattern> substituted(const StringPattern& pattern, const Placeholders& placeholders,
                                       const YamlNode& at) {
  std::vector<StringPattern> all{StringPattern()};
  for (const StringPattern::Part& part : pattern.parts()) {
    const Placeholder* placeholder = std::get_if<Placeholder>(&part);
    if (placeholder == nullptr) {
      for (StringPattern& each : all) std::visit([&](const auto& piece) { each.append(piece); }, part);
      continue;
    }
    const auto found = placeholders.find(placeholder->name);
    if (found == placeholders.end()) {
      refuse(at, fmt::format("placeholder %{}% has no values", placeholder->name),
             "name a file of placeholders that lists them");
    }
    if (all.size() * found->second.size() > kMaxVariants) {
      refuse(at, fmt::format("placeholders make more than {} values of one", kMaxVariants));
    }
    std::vector<StringPattern> longer;
    for (const StringPattern& start : all) {
      for (const std::string& value : found->second) {
        longer.push_back(start);
        longer.back().append(StringPattern::parse(value, false));
      }
    }
    all = std::move(longer);
  }
  return all;
}

bool is_time_part(Modifier modifier) { return modifier >= Modifier::minute && modifier <= Modifier::year; }

// One key with its modifiers; makes an expression of its values.
class Item {
 public:
  Item(const YamlNode& key_node, FieldKey key, const ItemContext& context)
      : key_node_(key_node), key_(std::move(key)), context_(context), mapped_(context.names.find(key_.field)) {
    if (mapped_ == nullptr ? !context.names.others : mapped_->names.empty()) missing(key_node, key_.field);
  }

  Expr lower(const YamlNode& value) const {
    for (const Modifier modifier : key_.modifiers) {
      if (is_time_part(modifier)) {
        refuse(key_node_, fmt::format("modifier \"{}\" is not supported yet", to_string(modifier)));
      }
    }
    std::vector<const YamlNode*> values;
    if (value.kind == YamlNode::Kind::sequence) {
      for (const YamlNode& item : value.items) values.push_back(&item);
      if (values.empty()) refuse(value, fmt::format("\"{}\" has no values", key_node_.scalar));
    } else {
      values.push_back(&value);
    }
    std::vector<Expr> operands;
    for (const YamlNode* each : values) operands.push_back(checked(of_value(*each), *each));
    Expr whole = key_.has(Modifier::all) ? make_all(std::move(operands)) : make_any(merged(std::move(operands)));
    return key_.has(Modifier::neq) ? make_not(std::move(whole)) : std::move(whole);
  }

 private:
  Expr of_value(const YamlNode& value) const {
    if (value.kind == YamlNode::Kind::mapping || value.kind == YamlNode::Kind::sequence) {
      refuse(value, fmt::format("the value of \"{}\" is {}; expected text, a number, or null", key_node_.scalar,
                                to_string(value.kind)));
    }
    if (value.kind == YamlNode::Kind::null) return is_null(value);
    if (key_.has(Modifier::exists)) return exists(value);
    if (key_.has(Modifier::fieldref)) return field_reference(value);
    if (key_.has(Modifier::re)) return regular_expression(value);
    if (key_.has(Modifier::cidr)) return compare(Comparator::cidr, value.scalar, false);
    if (const auto order = order_of_modifiers()) return compare(*order, value.scalar, false, false);
    std::vector<Expr> variants;
    for (const StringPattern& pattern : patterns_of(value)) variants.push_back(of_pattern(pattern));
    return make_any(merged(std::move(variants)));
  }

  Expr is_null(const YamlNode& value) const {
    const bool fits = std::ranges::all_of(key_.modifiers, [](Modifier modifier) {
      return modifier == Modifier::all || modifier == Modifier::neq || modifier == Modifier::cased;
    });
    if (!fits) refuse(value, "null has no part that a modifier could look at", "write null without modifiers");
    return over_names([](const std::string& name) { return Expr{query::IsNull{make_field(name)}, {}}; }, true);
  }

  Expr exists(const YamlNode& value) const {
    const bool yes = query::equal_folded(value.scalar, "true");
    if (!yes && !query::equal_folded(value.scalar, "false")) refuse(value, "\"exists\" takes true or false");
    Expr absent = over_names([](const std::string& name) { return Expr{query::IsNull{make_field(name)}, {}}; }, true);
    return yes ? make_not(std::move(absent)) : std::move(absent);
  }

  Expr field_reference(const YamlNode& value) const {
    const FieldName* other = context_.names.find(value.scalar);
    const std::vector<std::string> others = other == nullptr ? std::vector<std::string>{value.scalar} : other->names;
    if (others.empty() || (other == nullptr && !context_.names.others)) missing(value, value.scalar);
    std::vector<Expr> any;
    for (const std::string& right : others) {
      any.push_back(over_names(
          [&](const std::string& left) {
            query::FieldComparison comparison{make_field(left), reference_comparator(value), false, make_field(right)};
            comparison.ignore_case = !key_.has(Modifier::cased) && !order_of_modifiers();
            return Expr{std::move(comparison), {}};
          },
          false));
    }
    return make_any(std::move(any));
  }

  Comparator reference_comparator(const YamlNode& value) const {
    for (const Modifier modifier : key_.modifiers) {
      const bool fits = modifier == Modifier::fieldref || modifier == Modifier::all || modifier == Modifier::neq ||
                        modifier == Modifier::cased || order_of_modifiers();
      if (modifier == Modifier::contains) return Comparator::contains;
      if (modifier == Modifier::startswith) return Comparator::starts_with;
      if (modifier == Modifier::endswith) return Comparator::ends_with;
      if (!fits) refuse(value, fmt::format("\"{}\" says nothing about another field", to_string(modifier)));
    }
    return order_of_modifiers().value_or(Comparator::equals);
  }

  Expr regular_expression(const YamlNode& value) const {
    std::string flags;
    if (key_.has(Modifier::i)) flags += 'i';
    if (key_.has(Modifier::m)) flags += 'm';
    if (key_.has(Modifier::s)) flags += 's';
    return compare(Comparator::matches, flags.empty() ? value.scalar : fmt::format("(?{}){}", flags, value.scalar),
                   false);
  }

  std::optional<Comparator> order_of_modifiers() const {
    if (key_.has(Modifier::lt)) return Comparator::less;
    if (key_.has(Modifier::lte)) return Comparator::less_equal;
    if (key_.has(Modifier::gt)) return Comparator::greater;
    if (key_.has(Modifier::gte)) return Comparator::greater_equal;
    return std::nullopt;
  }

  // The value after every modifier that changes it, in their order.
  std::vector<StringPattern> patterns_of(const YamlNode& value) const {
    std::vector<StringPattern> patterns{StringPattern::parse(value.scalar, key_.has(Modifier::expand))};
    for (const Modifier modifier : key_.modifiers) {
      std::vector<StringPattern> changed;
      for (const StringPattern& pattern : patterns) {
        std::ranges::move(transformed(pattern, modifier, value), std::back_inserter(changed));
      }
      if (changed.size() > kMaxVariants) {
        refuse(value, fmt::format("modifiers make more than {} values of one", kMaxVariants));
      }
      patterns = std::move(changed);
    }
    if (patterns.empty()) refuse(value, "the value is too short to be found in base64", "give more of it");
    return patterns;
  }

  std::vector<StringPattern> transformed(const StringPattern& pattern, Modifier modifier, const YamlNode& at) const {
    switch (modifier) {
      case Modifier::contains:
        return {pattern.with_run_before().with_run_after()};
      case Modifier::startswith:
        return {pattern.with_run_after()};
      case Modifier::endswith:
        return {pattern.with_run_before()};
      case Modifier::expand:
        return substituted(pattern, context_.placeholders, at);
      case Modifier::windash:
        return taken(dash_variants(pattern), at);
      case Modifier::utf16le:
        return {StringPattern::literal(taken(to_utf16(bytes_of(pattern, modifier, at), Utf16::little_endian), at))};
      case Modifier::utf16be:
        return {StringPattern::literal(taken(to_utf16(bytes_of(pattern, modifier, at), Utf16::big_endian), at))};
      case Modifier::utf16:
        return {StringPattern::literal(taken(to_utf16(bytes_of(pattern, modifier, at), Utf16::with_mark), at))};
      case Modifier::base64:
        return {StringPattern::literal(to_base64(bytes_of(pattern, modifier, at)))};
      case Modifier::base64offset: {
        std::vector<StringPattern> shifted;
        for (const std::string& each : base64_offsets(bytes_of(pattern, modifier, at))) {
          shifted.push_back(StringPattern::literal(each));
        }
        return shifted;
      }
      default:
        return {pattern};
    }
  }

  template <class T>
  static T taken(std::expected<T, std::string> made, const YamlNode& at) {
    if (!made) refuse(at, std::move(made.error()));
    return std::move(*made);
  }

  static std::string bytes_of(const StringPattern& pattern, Modifier modifier, const YamlNode& at) {
    auto text = pattern.as_literal();
    if (!text) {
      refuse(at, fmt::format("\"{}\" cannot encode a value with wildcards", to_string(modifier)),
             fmt::format("write \"{}\" before contains, startswith and endswith", to_string(modifier)));
    }
    return std::move(*text);
  }

  Expr of_pattern(const StringPattern& pattern) const {
    const bool cased = key_.has(Modifier::cased);
    const PatternForm form = form_of(pattern, cased);
    if (form.kind == PatternForm::Kind::any) {
      return make_not(
          over_names([](const std::string& name) { return Expr{query::IsNull{make_field(name)}, {}}; }, true));
    }
    return compare(comparator_of(form.kind), named_here(form), !cased && form.kind != PatternForm::Kind::regex);
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
      const auto same = std::ranges::find_if(out, [&](const Expr& each) {
        const auto* other = std::get_if<Comparison>(&each.node);
        return comparison != nullptr && other != nullptr && other->field.name == comparison->field.name &&
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

Expr keyword(const YamlNode& word) {
  if (word.kind != YamlNode::Kind::scalar || word.scalar.empty()) {
    refuse(word, fmt::format("a keyword is {}; expected text",
                             word.kind == YamlNode::Kind::scalar ? std::string_view("empty") : to_string(word.kind)));
  }
  // Wildcards at the ends change nothing: a keyword stands anywhere.
  const PatternForm form = form_of(StringPattern::parse(word.scalar, false).with_run_before().with_run_after(), false);
  if (form.kind != PatternForm::Kind::contains) {
    refuse(word, "a wildcard within a keyword", "name the field, or write the parts as keywords under \"|all\"");
  }
  return checked({query::FreeText{make_literal(form.text)}, {}}, word);
}

}  // namespace

std::expected<Expr, Refusal> lower_item(const YamlNode& key, const YamlNode& value, const ItemContext& context) {
  try {
    auto parsed = parse_field_key(key.scalar);
    if (!parsed) refuse(key, std::move(parsed.error().message), std::move(parsed.error().hint));
    return Item(key, std::move(*parsed), context).lower(value);
  } catch (Refused& refused) {
    return std::unexpected(std::move(refused.refusal));
  }
}

std::expected<Expr, Refusal> lower_keywords(const std::vector<const YamlNode*>& words, bool all,
                                            const ItemContext& context) {
  try {
    if (!context.names.keywords) refuse(*words.front(), "events of this log source have no text to look for words in");
    std::vector<Expr> operands;
    for (const YamlNode* word : words) operands.push_back(keyword(*word));
    return all ? make_all(std::move(operands)) : make_any(std::move(operands));
  } catch (Refused& refused) {
    return std::unexpected(std::move(refused.refusal));
  }
}

}  // namespace sightline::detect::sigma
