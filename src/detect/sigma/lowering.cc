#include "detect/sigma/lowering.h"

#include <fmt/format.h>

#include <algorithm>

#include "detect/sigma/condition.h"
#include "detect/sigma/expressions.h"

namespace sightline::detect::sigma {
namespace {

using query::Expr;

// Of a whole detection, in comparisons: names used several times in a condition count each time.
constexpr std::size_t kMaxItems = 20'000;

// Keys of a detection that are no search identifiers.
bool is_reserved(std::string_view name) { return name == "condition" || name == "timeframe" || name == "rules"; }

// Thrown and caught in this file.
struct Refused {
  Refusal refusal;
};

[[noreturn]] void refuse(const YamlNode& at, std::string message, std::string hint = {}, std::size_t offset = 0) {
  throw Refused{{&at, offset, std::move(message), std::move(hint), false}};
}

class Lowering {
 public:
  Lowering(const Detection& detection, const ItemContext& context) : detection_(detection.node), context_(context) {}

  Expr lower() {
    if (const YamlNode* timeframe = detection_.find("timeframe")) {
      refuse(*timeframe, "\"timeframe\" is no longer part of Sigma",
             "write a correlation rule that refers to this one");
    }
    const YamlNode& condition = *detection_.find("condition");
    if (condition.kind == YamlNode::Kind::scalar) return of_text(condition);
    if (condition.kind != YamlNode::Kind::sequence || condition.items.empty()) {
      refuse(condition, fmt::format("\"condition\" is {}; expected text", to_string(condition.kind)));
    }
    std::vector<Expr> any;
    for (const YamlNode& each : condition.items) any.push_back(of_text(each));
    return make_any(std::move(any));
  }

 private:
  Expr of_text(const YamlNode& text) {
    if (text.kind != YamlNode::Kind::scalar) {
      refuse(text, fmt::format("a condition is {}; expected text", to_string(text.kind)));
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
           condition.text.contains('*') ? "write \"1 of …\" or \"all of …\" before a pattern" : "", condition.offset);
  }

  Expr quantified(const Condition& condition, const YamlNode& text) {
    std::vector<Expr> operands;
    for (const auto& [name, value] : detection_.entries) {
      if (!is_reserved(name.scalar) && fits(condition.text, name.scalar)) operands.push_back(of_identifier(value));
    }
    if (operands.empty()) {
      refuse(text, fmt::format("condition: no search identifier fits \"{}\"", condition.text.substr(0, 64)), "",
             condition.offset);
    }
    return condition.kind == Condition::Kind::all_of ? make_all(std::move(operands)) : make_any(std::move(operands));
  }

  // A list means any of its elements, a mapping all of its items; words among a list's elements are keywords.
  Expr of_identifier(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::mapping) return of_mapping(node);
    if (node.kind == YamlNode::Kind::scalar) return keywords({&node}, false);
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
    if (!words.empty()) any.push_back(keywords(words, false));
    return make_any(std::move(any));
  }

  Expr of_mapping(const YamlNode& mapping) {
    if (mapping.entries.empty()) refuse(mapping, "a mapping without fields", "name fields and values");
    std::vector<Expr> all;
    for (const auto& [key, value] : mapping.entries) {
      if (key.kind != YamlNode::Kind::scalar && key.kind != YamlNode::Kind::null) {
        refuse(key, fmt::format("the name of a field is {}", to_string(key.kind)));
      }
      all.push_back(key.scalar.starts_with('|') || key.scalar.empty() ? whole_event(key, value) : item(key, value));
    }
    return make_all(std::move(all));
  }

  Expr item(const YamlNode& key, const YamlNode& value) {
    count(std::max<std::size_t>(value.items.size(), 1), key);
    return taken(lower_item(key, value, context_));
  }

  // `'|all': [words]`.
  Expr whole_event(const YamlNode& key, const YamlNode& value) {
    const bool all = key.scalar == "|all" || key.scalar == "|contains|all" || key.scalar == "|all|contains";
    if (!all && !key.scalar.empty() && key.scalar != "|contains") {
      refuse(key, "keywords take no modifier but \"all\"", "name a field before the \"|\"");
    }
    std::vector<const YamlNode*> words;
    if (value.kind == YamlNode::Kind::sequence) {
      for (const YamlNode& word : value.items) words.push_back(&word);
    } else {
      words.push_back(&value);
    }
    if (words.empty()) refuse(value, "a list of keywords without words");
    return keywords(words, all);
  }

  Expr keywords(const std::vector<const YamlNode*>& words, bool all) {
    count(words.size(), *words.front());
    return taken(lower_keywords(words, all, context_));
  }

  void count(std::size_t items, const YamlNode& at) {
    items_ += items;
    if (items_ > kMaxItems) refuse(at, fmt::format("the detection comes to more than {} values", kMaxItems));
  }

  static Expr taken(std::expected<Expr, Refusal> lowered) {
    if (!lowered) throw Refused{std::move(lowered.error())};
    return std::move(*lowered);
  }

  const YamlNode& detection_;
  const ItemContext& context_;
  std::size_t items_ = 0;
};

}  // namespace

std::expected<Expr, Refusal> lower_detection(const Detection& detection, const ItemContext& context) {
  try {
    return Lowering(detection, context).lower();
  } catch (Refused& refused) {
    return std::unexpected(std::move(refused.refusal));
  }
}

}  // namespace sightline::detect::sigma
