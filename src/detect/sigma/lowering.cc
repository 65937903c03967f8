#include "detect/sigma/lowering.h"

#include <fmt/format.h>

#include <array>

#include "detect/sigma/condition.h"
#include "detect/sigma/expressions.h"

namespace sightline::detect::sigma {
namespace {

using query::Expr;

// Keys of a detection that are no search identifiers.
bool is_reserved(std::string_view name) { return name == "condition" || name == "timeframe" || name == "rules"; }

class Lowering {
 public:
  Lowering(const Detection& detection, const FieldNames& names, const Placeholders& placeholders)
      : detection_(detection.node), context_{names, placeholders, budget_} {}

  Expr lower() {
    if (const YamlNode* timeframe = detection_.find("timeframe")) {
      refuse(*timeframe, "\"timeframe\" is no longer part of Sigma",
             "write a correlation rule that refers to this one");
    }
    const YamlNode& condition = *detection_.find("condition");
    if (condition.kind == YamlNode::Kind::scalar) return of_text(condition);
    if (condition.kind != YamlNode::Kind::sequence || condition.items.empty()) {
      refuse(condition, fmt::format("\"condition\" is {}; expected text", to_string(condition.kind)),
             "as in: selection and not filter");
    }
    std::vector<Expr> any;
    for (const YamlNode& each : condition.items) any.push_back(of_text(each));
    return make_any(std::move(any));
  }

 private:
  Expr of_text(const YamlNode& text) {
    if (text.kind != YamlNode::Kind::scalar) {
      refuse(text, fmt::format("a condition is {}; expected text", to_string(text.kind)),
             "as in: selection and not filter");
    }
    const auto condition = parse_condition(text.scalar);
    if (!condition) {
      refuse(text, "condition: " + condition.error().message, condition.error().hint, condition.error().offset);
    }
    return of_condition(*condition, text);
  }

  Expr of_condition(const Condition& condition, const YamlNode& text) {
    switch (condition.kind) {
      case Condition::Kind::name:
        return of_identifier(named(condition, text));
      case Condition::Kind::any_of:
      case Condition::Kind::all_of:
        return quantified(condition, text);
      case Condition::Kind::negation:
        return make_not(of_condition(condition.operands.front(), text));
      default:
        break;
    }
    std::vector<Expr> operands;
    for (const Condition& operand : condition.operands) operands.push_back(of_condition(operand, text));
    return condition.kind == Condition::Kind::conjunction ? make_all(std::move(operands))
                                                          : make_any(std::move(operands));
  }

  const YamlNode& named(const Condition& condition, const YamlNode& text) const {
    const YamlNode* found = is_reserved(condition.text) ? nullptr : detection_.find(condition.text);
    if (found != nullptr) return *found;
    refuse(text, fmt::format("condition: there is no search identifier \"{}\"", condition.text.substr(0, 64)),
           condition.text.contains('*') ? "write \"1 of …\" or \"all of …\" before a pattern"
                                        : "add it, or name one that is there",
           condition.offset);
  }

  Expr quantified(const Condition& condition, const YamlNode& text) {
    std::vector<Expr> operands;
    for (const auto& [name, value] : detection_.entries) {
      if (!is_reserved(name.scalar) && fits(condition.text, name.scalar)) operands.push_back(of_identifier(value));
    }
    if (operands.empty()) {
      refuse(text, fmt::format("condition: no search identifier fits \"{}\"", condition.text.substr(0, 64)),
             "add one, or change the pattern", condition.offset);
    }
    return condition.kind == Condition::Kind::all_of ? make_all(std::move(operands)) : make_any(std::move(operands));
  }

  // A list means any of its elements, a mapping all of its items; words among a list's elements are keywords.
  Expr of_identifier(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::mapping) return of_mapping(node);
    if (node.kind == YamlNode::Kind::scalar) return lower_keywords(node, std::array{&node}, context_);
    if (node.kind != YamlNode::Kind::sequence || node.items.empty()) {
      refuse(node, "a search identifier without content", "name fields and values, or words");
    }
    std::vector<Expr> any;
    std::vector<const YamlNode*> words;
    for (const YamlNode& item : node.items) {
      if (item.kind == YamlNode::Kind::mapping) {
        any.push_back(of_mapping(item));
      } else {
        words.push_back(&item);
      }
    }
    if (!words.empty()) any.push_back(lower_keywords(node, words, context_));
    return make_any(std::move(any));
  }

  Expr of_mapping(const YamlNode& mapping) {
    if (mapping.entries.empty()) refuse(mapping, "a mapping without fields", "name fields and values");
    std::vector<Expr> all;
    for (const auto& [key, value] : mapping.entries) {
      if (key.kind != YamlNode::Kind::scalar && key.kind != YamlNode::Kind::null) {
        refuse(key, fmt::format("the name of a field is {}", to_string(key.kind)), "write a name");
      }
      all.push_back(lower_item(key, value, context_));
    }
    return make_all(std::move(all));
  }

  const YamlNode& detection_;
  Budget budget_;
  ItemContext context_;
};

}  // namespace

std::expected<Expr, Refusal> lower_detection(const Detection& detection, const FieldNames& names,
                                             const Placeholders& placeholders) {
  try {
    return Lowering(detection, names, placeholders).lower();
  } catch (Refused& refused) {
    return std::unexpected(std::move(refused.refusal));
  }
}

}  // namespace sightline::detect::sigma
