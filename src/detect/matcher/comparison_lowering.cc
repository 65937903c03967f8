#include "detect/matcher/comparison_lowering.h"

#include <algorithm>

#include "query/glob.h"
#include "query/pattern_run.h"
#include "query/pattern_texts.h"

namespace sightline::detect {
namespace {

using query::Comparator;
using query::Comparison;
using query::Literal;
using query::Target;

bool is_member(const Target& target) {
  const FieldId* field = std::get_if<FieldId>(&target);
  return field != nullptr &&
         (*field == FieldId::id || *field == FieldId::event_time || *field == FieldId::received_time);
}

bool has_member(const std::vector<Target>& targets) { return std::ranges::any_of(targets, is_member); }

// Whether all values of the target are text: of a field, or whatever an attribute holds.
bool is_text(const Target& target) {
  const FieldId* field = std::get_if<FieldId>(&target);
  return field == nullptr || field_info(*field).type == FieldType::text;
}

bool is_integer(const Target& target) {
  const FieldId* field = std::get_if<FieldId>(&target);
  return field != nullptr &&
         (field_info(*field).type == FieldType::integer || field_info(*field).type == FieldType::boolean);
}

Atom::Operand operand_of(const Literal& literal) { return {literal.text, literal.integer, literal.decimal}; }

Atom::Operand operand_of_run(const query::ByteRun& run) {
  Atom::Operand operand{{}, static_cast<std::int64_t>(run.size), {}};
  for (std::size_t byte = 0; byte < run.bytes.size(); ++byte) {
    if (run.bytes[byte]) operand.text += static_cast<char>(byte);
  }
  return operand;
}

constexpr std::size_t kLeastRun = 8;  // shorter ones are in most values

class ComparisonLowering {
 public:
  ComparisonLowering(const Comparison& comparison, GraphBuilder& graph) : comparison_(comparison), graph_(graph) {}

  Result<NodeRef> lower() {
    const std::vector<Target>& targets = comparison_.field.targets;
    if (targets.empty()) return fail(ErrorCode::invalid_input, "the expression has not been checked: no targets");
    const bool texts = std::ranges::all_of(targets, is_text);
    switch (comparison_.comparator) {
      case Comparator::equals:
        if (tables_know_equality()) return equality();
        break;
      case Comparator::contains:
        if (texts) return parts(Atom::Kind::contains);
        break;
      case Comparator::starts_with:
        if (texts) return parts(Atom::Kind::starts_with);
        break;
      case Comparator::ends_with:
        if (texts) return parts(Atom::Kind::ends_with);
        break;
      case Comparator::glob:
        if (texts) return globs();
        break;
      case Comparator::matches:
        if (texts) return patterns();
        break;
      default:
        break;
    }
    return guarded(comparison_.operands, present());
  }

 private:
  NodeRef present() { return lower_presence(comparison_.field, graph_); }

  bool tables_know_equality() const {
    return std::ranges::all_of(comparison_.field.targets, [&](const Target& target) {
      if (!is_integer(target)) return is_text(target);
      return std::ranges::all_of(comparison_.operands, [](const Literal& each) { return each.integer.has_value(); });
    });
  }

  NodeRef equality() {
    std::vector<Atom::Operand> operands;
    std::ranges::transform(comparison_.operands, std::back_inserter(operands), operand_of);
    return atom(Atom::Kind::equals, std::move(operands));
  }

  NodeRef atom(Atom::Kind kind, std::vector<Atom::Operand> operands) {
    return graph_.atom({kind, comparison_.ignore_case, comparison_.field.targets, std::move(operands)});
  }

  // The operands as parts of values. Every value has the empty part.
  NodeRef parts(Atom::Kind kind) {
    std::vector<std::string> texts;
    for (const Literal& operand : comparison_.operands) texts.push_back(operand.text);
    return parts(kind, texts);
  }

  NodeRef parts(Atom::Kind kind, const std::vector<std::string>& texts) {
    std::vector<Atom::Operand> operands;
    for (const std::string& text : texts) {
      if (text.empty()) return present();
      operands.push_back({text, {}, {}});
    }
    return atom(kind, std::move(operands));
  }

  // What tables say is necessary, and the comparison itself, reduced to some of its operands.
  Result<NodeRef> guarded(const std::vector<Literal>& operands, NodeRef necessary) {
    if (operands.empty()) return graph_.never();
    query::Expr expr{Comparison{comparison_.field, comparison_.comparator, comparison_.ignore_case, operands}, {}};
    Result<query::Predicate> predicate = query::Predicate::compile(expr);
    if (!predicate) return std::unexpected(std::move(predicate.error()));
    const std::vector<Target>& targets = comparison_.field.targets;
    std::string key{static_cast<char>(comparison_.comparator), comparison_.ignore_case ? 'i' : 'c'};
    for (const Target& target : targets) append_target(key, target);
    for (const Literal& operand : operands) {
      append_key(key, operand.text);
      key += operand.quoted ? 'q' : ' ';
      append_key(key, operand.decimal.value_or(""));
      if (operand.integer) append_key(key, std::to_string(*operand.integer));
      if (operand.time)
        append_key(key, std::to_string(operand.time->begin_ms) + "-" + std::to_string(operand.time->end_ms));
    }
    const bool by_value = !has_member(targets);
    const NodeRef decides = graph_.residual({std::move(*predicate), by_value ? targets : std::vector<Target>()}, key);
    return graph_.all_of({necessary, decides});
  }

  // The literal parts around the wildcards: `**` is one wildcard.
  std::vector<std::string> pieces_of(const Literal& operand) const {
    const std::vector<std::string> all = query::Glob(operand.text, comparison_.ignore_case).parts();
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i == 0 || i + 1 == all.size() || !all[i].empty()) pieces.push_back(all[i]);
    }
    return pieces;
  }

  // Wildcards at the ends alone are what they look like. Of others, the longest part is asked for first.
  Result<NodeRef> globs() {
    std::vector<std::string> contained, begun, ended;             // exactly
    std::vector<std::string> must_contain, must_begin, must_end;  // necessary for the rest
    std::vector<Literal> rest;
    for (const Literal& operand : comparison_.operands) {
      const std::vector<std::string> pieces = pieces_of(operand);
      if (pieces.size() == 2 && pieces.front().empty()) {
        ended.push_back(pieces.back());
      } else if (pieces.size() == 2 && pieces.back().empty()) {
        begun.push_back(pieces.front());
      } else if (pieces.size() == 3 && pieces.front().empty() && pieces.back().empty()) {
        contained.push_back(pieces[1]);
      } else {
        rest.push_back(operand);
        const auto longest = std::ranges::max_element(pieces, {}, &std::string::size);
        (longest == pieces.begin()     ? must_begin
         : longest + 1 == pieces.end() ? must_end
                                       : must_contain)
            .push_back(*longest);
      }
    }
    const NodeRef necessary =
        graph_.any_of({parts(Atom::Kind::contains, must_contain), parts(Atom::Kind::starts_with, must_begin),
                       parts(Atom::Kind::ends_with, must_end)});
    Result<NodeRef> others = guarded(rest, necessary);
    if (!others) return others;
    return graph_.any_of({parts(Atom::Kind::contains, contained), parts(Atom::Kind::starts_with, begun),
                          parts(Atom::Kind::ends_with, ended), *others});
  }

  // Texts that regular expressions need, which hold for ASCII alone; of those without any, runs of bytes.
  Result<NodeRef> patterns() {
    std::vector<Literal> with_texts, with_runs, without;
    std::vector<Atom::Operand> needed, runs;
    for (const Literal& operand : comparison_.operands) {
      const std::vector<std::string> texts = query::necessary_texts(operand.text);
      for (const std::string& text : texts) needed.push_back({text, {}, {}});
      if (!texts.empty()) {
        with_texts.push_back(operand);
      } else if (const query::ByteRun run = query::necessary_run(operand.text); run.size >= kLeastRun) {
        with_runs.push_back(operand);
        runs.push_back(operand_of_run(run));
      } else {
        without.push_back(operand);
      }
    }
    const std::vector<Target>& targets = comparison_.field.targets;
    const NodeRef holds_text = graph_.atom({Atom::Kind::contains, true, targets, std::move(needed)});
    const NodeRef not_ascii = graph_.atom({Atom::Kind::not_ascii, false, targets, {}});
    Result<NodeRef> narrow = guarded(with_texts, graph_.any_of({holds_text, not_ascii}));
    if (!narrow) return narrow;
    Result<NodeRef> run =
        guarded(with_runs, graph_.atom({Atom::Kind::run, false, comparison_.field.targets, std::move(runs)}));
    if (!run) return run;
    Result<NodeRef> wide = guarded(without, present());
    if (!wide) return wide;
    return graph_.any_of({*narrow, *run, *wide});
  }

  const Comparison& comparison_;
  GraphBuilder& graph_;
};

}  // namespace

Result<NodeRef> lower_comparison(const Comparison& comparison, GraphBuilder& graph) {
  return ComparisonLowering(comparison, graph).lower();
}

Result<NodeRef> lower_field_comparison(const query::FieldComparison& comparison, GraphBuilder& graph) {
  Result<query::Predicate> predicate = query::Predicate::compile({comparison, {}});
  if (!predicate) return std::unexpected(std::move(predicate.error()));
  const std::vector<Target>& left = comparison.left.targets;
  const std::vector<Target>& right = comparison.right.targets;
  const auto are_texts = [](const std::vector<Target>& targets) {
    return !has_member(targets) && std::ranges::all_of(targets, is_text);
  };
  const bool equals_texts = comparison.comparator == Comparator::equals && are_texts(left) && are_texts(right);
  // Folding case leaves the size of a text as it is.
  Residual residual{std::move(*predicate), {}, {}};
  if (equals_texts) residual = {std::move(residual.predicate), left, right};
  return graph.residual(std::move(residual), {});
}

NodeRef lower_presence(const query::FieldRef& field, GraphBuilder& graph) {
  if (has_member(field.targets)) return !graph.never();
  return graph.atom({Atom::Kind::present, false, field.targets, {}});
}

}  // namespace sightline::detect
