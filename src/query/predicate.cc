#include "query/predicate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <variant>
#include <vector>

#include "query/field_comparison_matcher.h"
#include "query/fold.h"
#include "query/pattern.h"
#include "query/targets.h"
#include "query/time_part.h"
#include "query/value_matchers.h"

namespace sightline::query {
namespace {

// Trees deeper than this were not checked: check() is stricter.
constexpr std::size_t kMaxTreeDepth = 512;

struct Node;

struct AllOf {
  std::vector<Node> operands;
};
struct AnyOf {
  std::vector<Node> operands;
};
struct NoneOf {
  std::vector<Node> operand;  // exactly one
};

class Presence {
 public:
  explicit Presence(Targets targets) : targets_(std::move(targets)) {}

  bool is_null(const Event& event) const {
    if (targets_.is_member()) return false;
    for (const FieldValue& value : event.fields()) {
      const bool wanted = among(targets_.text, value.field) || among(targets_.integer, value.field) ||
                          among(targets_.time, value.field);
      if (wanted) return false;
    }
    if (targets_.paths.empty()) return true;
    return std::ranges::none_of(event.attributes(),
                                [&](const Attribute& each) { return among(targets_.paths, each.path); });
  }

 private:
  Targets targets_;
};

class CompiledComparison {
 public:
  static Result<CompiledComparison> compile(const Comparison& comparison);

  bool matches(const Event& event) const {
    if (targets_.is_member() && matches_member(event)) return true;
    if (!targets_.text.empty() || !targets_.integer.empty() || !targets_.time.empty()) {
      for (const FieldValue& value : event.fields()) {
        if (matches_field(value)) return true;
      }
    }
    if (targets_.paths.empty()) return false;
    return std::ranges::any_of(event.attributes(), [&](const Attribute& each) { return matches_attribute(each); });
  }

 private:
  bool matches_member(const Event& event) const {
    if (targets_.id && ids_->matches(event.id)) return true;
    if (targets_.event_time && times_->matches(event.event_time_ms)) return true;
    return targets_.received_time && times_->matches(event.received_time_ms);
  }

  bool matches_field(const FieldValue& value) const {
    if (among(targets_.text, value.field)) return text_->matches(value.text);
    if (among(targets_.integer, value.field)) return integers_->matches(value.integer);
    return among(targets_.time, value.field) && times_->matches(value.integer);
  }

  bool matches_attribute(const Attribute& attribute) const {
    if (!among(targets_.paths, attribute.path)) return false;
    if (attribute.kind == Attribute::Kind::number) return numbers_->matches(attribute.text);
    return attribute_text_->matches(attribute.text);
  }

  Targets targets_;
  std::shared_ptr<const TextMatcher> text_;            // where there are text targets
  std::shared_ptr<const TextMatcher> attribute_text_;  // where there are paths, as are numbers_
  std::shared_ptr<const NumberMatcher> numbers_;
  std::shared_ptr<const IntegerMatcher> integers_;
  std::shared_ptr<const TimeMatcher> times_;
  std::shared_ptr<const EventIdMatcher> ids_;
};

class CompiledTimePart {
 public:
  static Result<CompiledTimePart> compile(const TimePartComparison& node) {
    Result<Targets> targets = sort_targets(node.comparison.field);
    if (!targets) return std::unexpected(std::move(targets.error()));
    Result<IntegerMatcher> parts = IntegerMatcher::compile(node.comparison);
    if (!parts) return std::unexpected(std::move(parts.error()));
    return CompiledTimePart(node.part, std::move(*targets), std::move(*parts));
  }

  bool matches(const Event& event) const {
    if (targets_.event_time && matches_time(event.event_time_ms)) return true;
    if (targets_.received_time && matches_time(event.received_time_ms)) return true;
    return !targets_.time.empty() && std::ranges::any_of(event.fields(), [&](const FieldValue& value) {
      return among(targets_.time, value.field) && matches_time(value.integer);
    });
  }

 private:
  CompiledTimePart(TimePart part, Targets targets, IntegerMatcher parts)
      : part_(part), targets_(std::move(targets)), parts_(std::move(parts)) {}

  bool matches_time(std::int64_t time_ms) const { return parts_.matches(part_of_time(part_, time_ms)); }

  TimePart part_;
  Targets targets_;
  IntegerMatcher parts_;
};

class CompiledFreeText {
 public:
  static Result<CompiledFreeText> compile(const FreeText& node) {
    if (node.comparator != Comparator::matches) return CompiledFreeText(node.text.text);
    std::expected<Pattern, PatternMistake> pattern = Pattern::compile(node.text.text);
    if (!pattern) return fail(ErrorCode::invalid_input, std::move(pattern.error().message));
    return CompiledFreeText(std::move(*pattern));
  }

  bool matches(const Event& event) const {
    const bool in_field =
        std::ranges::any_of(event.fields(), [&](const FieldValue& value) { return matches_field(value); });
    return in_field || std::ranges::any_of(event.attributes(), [&](const Attribute& each) { return in(each.text); });
  }

 private:
  explicit CompiledFreeText(std::string_view text)
      : needle_(fold(text)), may_be_number_(text.find_first_not_of("-0123456789") == std::string_view::npos) {}
  explicit CompiledFreeText(Pattern pattern) : pattern_(std::move(pattern)) {}

  bool in(std::string_view value) const {
    return pattern_ ? pattern_->matches(value) : find_folded(value, needle_) != std::string_view::npos;
  }

  bool matches_field(const FieldValue& value) const {
    switch (field_info(value.field).type) {
      case FieldType::text:
        return in(value.text);
      case FieldType::integer: {
        if (!may_be_number_) return false;
        std::array<char, 24> digits{};
        const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value.integer);
        return in({digits.data(), end});
      }
      default:
        return false;
    }
  }

  std::optional<Pattern> pattern_;  // otherwise the needle
  std::string needle_;
  bool may_be_number_ = true;
};

struct Node {
  std::variant<AllOf, AnyOf, NoneOf, CompiledComparison, FieldComparisonMatcher, CompiledTimePart, Presence,
               CompiledFreeText>
      value;
  int cost = 1;  // roughly; cheap operands of AND and OR are tried first
};

template <class Matcher>
Result<void> compile_into(std::shared_ptr<const Matcher>& place, const Comparison& comparison) {
  Result<Matcher> matcher = Matcher::compile(comparison);
  if (!matcher) return std::unexpected(std::move(matcher.error()));
  place = std::make_shared<const Matcher>(std::move(*matcher));
  return {};
}

// What texts of attributes are compared with: in an order, unquoted operands are numbers and concern no text.
Comparison for_attribute_texts(const Comparison& comparison) {
  Comparison copy = comparison;
  const bool is_order = comparison.comparator >= Comparator::less && comparison.comparator <= Comparator::greater_equal;
  if (is_order) std::erase_if(copy.operands, [](const Literal& operand) { return !operand.quoted; });
  return copy;
}

Result<CompiledComparison> CompiledComparison::compile(const Comparison& comparison) {
  Result<Targets> targets = sort_targets(comparison.field);
  if (!targets) return std::unexpected(std::move(targets.error()));
  CompiledComparison compiled;
  compiled.targets_ = std::move(*targets);
  const Targets& all = compiled.targets_;
  Result<void> done;
  if (!all.text.empty()) {
    if (Result<void> text = compile_into(compiled.text_, comparison); !text) return std::unexpected(text.error());
  }
  if (!all.paths.empty()) {
    Result<void> text = compile_into(compiled.attribute_text_, for_attribute_texts(comparison));
    if (!text) return std::unexpected(std::move(text.error()));
    compiled.numbers_ = std::make_shared<const NumberMatcher>(comparison, compiled.attribute_text_);
  }
  if (!all.integer.empty()) done = compile_into(compiled.integers_, comparison);
  if (done && (!all.time.empty() || all.event_time || all.received_time)) {
    done = compile_into(compiled.times_, comparison);
  }
  if (done && all.id) done = compile_into(compiled.ids_, comparison);
  if (!done) return std::unexpected(std::move(done.error()));
  return compiled;
}

int cost_of(Comparator comparator) {
  switch (comparator) {
    case Comparator::contains:
    case Comparator::glob:
      return 3;
    case Comparator::cidr:
      return 4;
    case Comparator::matches:
      return 8;
    default:
      return 1;
  }
}

constexpr int kFieldComparisonCost = 4;
constexpr int kFreeTextCost = 40;

Result<Node> compile_node(const Expr& expr, std::size_t depth);

template <class Group>
Result<Node> compile_group(const std::vector<Expr>& operands, std::size_t depth) {
  Group group;
  int cost = 0;
  for (const Expr& operand : operands) {
    Result<Node> node = compile_node(operand, depth + 1);
    if (!node) return node;
    cost += node->cost;
    group.operands.push_back(std::move(*node));
  }
  std::ranges::stable_sort(group.operands, {}, &Node::cost);
  return Node{std::move(group), cost};
}

Result<Node> compile_negation(const Not& negation, std::size_t depth) {
  if (negation.operand == nullptr) return fail(ErrorCode::invalid_input, "NOT of nothing");
  Result<Node> operand = compile_node(*negation.operand, depth + 1);
  if (!operand) return operand;
  NoneOf none;
  const int cost = operand->cost;
  none.operand.push_back(std::move(*operand));
  return Node{std::move(none), cost};
}

Result<Node> compile_node(const Expr& expr, std::size_t depth) {
  if (depth > kMaxTreeDepth) return fail(ErrorCode::invalid_input, "the expression is nested too deeply");
  if (const auto* node = std::get_if<And>(&expr.node)) return compile_group<AllOf>(node->operands, depth);
  if (const auto* node = std::get_if<Or>(&expr.node)) return compile_group<AnyOf>(node->operands, depth);
  if (const auto* node = std::get_if<Not>(&expr.node)) return compile_negation(*node, depth);
  if (const auto* node = std::get_if<Comparison>(&expr.node)) {
    Result<CompiledComparison> comparison = CompiledComparison::compile(*node);
    if (!comparison) return std::unexpected(std::move(comparison.error()));
    return Node{std::move(*comparison), cost_of(node->comparator)};
  }
  if (const auto* node = std::get_if<FieldComparison>(&expr.node)) {
    Result<FieldComparisonMatcher> matcher = FieldComparisonMatcher::compile(*node);
    if (!matcher) return std::unexpected(std::move(matcher.error()));
    return Node{std::move(*matcher), kFieldComparisonCost};
  }
  if (const auto* node = std::get_if<TimePartComparison>(&expr.node)) {
    Result<CompiledTimePart> compiled = CompiledTimePart::compile(*node);
    if (!compiled) return std::unexpected(std::move(compiled.error()));
    return Node{std::move(*compiled), 1};
  }
  if (const auto* node = std::get_if<IsNull>(&expr.node)) {
    Result<Targets> targets = sort_targets(node->field);
    if (!targets) return std::unexpected(std::move(targets.error()));
    return Node{Presence(std::move(*targets)), 1};
  }
  Result<CompiledFreeText> text = CompiledFreeText::compile(std::get<FreeText>(expr.node));
  if (!text) return std::unexpected(std::move(text.error()));
  return Node{std::move(*text), kFreeTextCost};
}

bool matches_node(const Node& node, const Event& event);

struct Evaluation {
  const Event& event;

  bool operator()(const AllOf& all) const {
    return std::ranges::all_of(all.operands, [&](const Node& each) { return matches_node(each, event); });
  }
  bool operator()(const AnyOf& any) const {
    return std::ranges::any_of(any.operands, [&](const Node& each) { return matches_node(each, event); });
  }
  bool operator()(const NoneOf& none) const { return !matches_node(none.operand.front(), event); }
  bool operator()(const CompiledComparison& comparison) const { return comparison.matches(event); }
  bool operator()(const FieldComparisonMatcher& comparison) const { return comparison.matches(event); }
  bool operator()(const CompiledTimePart& comparison) const { return comparison.matches(event); }
  bool operator()(const Presence& presence) const { return presence.is_null(event); }
  bool operator()(const CompiledFreeText& text) const { return text.matches(event); }
};

bool matches_node(const Node& node, const Event& event) { return std::visit(Evaluation{event}, node.value); }

}  // namespace

struct Predicate::Program {
  Node root;
};

Result<Predicate> Predicate::compile(const Expr& expr) {
  Result<Node> root = compile_node(expr, 0);
  if (!root) return std::unexpected(std::move(root.error()));
  return Predicate(std::make_shared<const Program>(Program{std::move(*root)}));
}

bool Predicate::matches(const Event& event) const { return matches_node(program_->root, event); }

}  // namespace sightline::query
