#include "detect/matcher/triggers.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "query/fold.h"

namespace sightline::detect {
namespace {

constexpr double kMostLikelyText = 0.75;
constexpr double kResidualLikelihood = 0.3;
constexpr double kResidualCost = 40;
constexpr double kFreeTextCost = 60;

// Short values are those of small vocabularies: System, High, true.
double of_equal_text(std::size_t size) { return std::min(0.1, 0.5 / static_cast<double>(size + 1)); }

double of_equality(const query::Target& target, std::size_t size) {
  const FieldId* field = std::get_if<FieldId>(&target);
  if (field == nullptr) return of_equal_text(size);
  switch (*field) {
    case FieldId::event_type:
      return 0.95;  // where it is necessary, other events do not come here
    case FieldId::provider:
    case FieldId::channel:
    case FieldId::type:
      return 0.8;  // what rules are about they mostly are
    case FieldId::event_source:
    case FieldId::win_event_id:
      return 0.2;
    default:
      break;
  }
  switch (field_info(*field).type) {
    case FieldType::text:
      return of_equal_text(size);
    case FieldType::boolean:
      return 0.5;
    default:
      return 0.05;
  }
}

double of_operand(const Atom& atom, const Atom::Operand& operand) {
  const auto size = static_cast<double>(operand.text.size());
  switch (atom.kind) {
    case Atom::Kind::equals: {
      double none = 1;
      for (const query::Target& target : atom.targets) none *= 1 - of_equality(target, operand.text.size());
      return 1 - none;
    }
    case Atom::Kind::starts_with:
    case Atom::Kind::ends_with:
      return std::min(kMostLikelyText, 2 / std::pow(size, 1.5));
    case Atom::Kind::contains:
      return std::min(kMostLikelyText, 4 / (size * size));
    case Atom::Kind::free_text:
      return std::min(kMostLikelyText, 12 / (size * size));
    default:
      return 0;
  }
}

double of_kind(const Atom& atom) {
  if (atom.kind == Atom::Kind::not_ascii) return 0.05;
  return 0.9;  // present
}

// As a trigger, free text makes every value of every event be looked through: anything that is not always true is
// better.
double with_cost(const Atom& atom, double likelihood) {
  return atom.kind == Atom::Kind::free_text ? 0.85 + likelihood / 20 : likelihood;
}

std::string text_key(const Atom& atom, const Atom::Operand& operand) {
  return std::string(1, static_cast<char>(atom.kind)) + query::fold(operand.text);
}

// How many rules ask for an atom, and for each text.
class Popularity {
 public:
  Popularity(const ConditionGraph& graph, std::span<const NodeRef> roots) : graph_(graph), rules_(graph.atoms.size()) {
    last_seen_.resize(graph.nodes.size(), 0);
    for (const NodeRef root : roots) {
      ++rule_;
      visit(root.node);
    }
    for (std::size_t i = 0; i < graph.atoms.size(); ++i) {
      for (const Atom::Operand& operand : graph.atoms[i].operands)
        by_text_[text_key(graph.atoms[i], operand)] += rules_[i];
    }
  }

  double of(const Atom& atom, const Atom::Operand& operand) const {
    return std::max(1.0, static_cast<double>(by_text_.at(text_key(atom, operand))));
  }

 private:
  void visit(std::uint32_t index) {
    if (last_seen_[index] == rule_) return;
    last_seen_[index] = rule_;
    const Node& node = graph_.nodes[index];
    if (node.kind == Node::Kind::atom) ++rules_[node.index];
    if (node.count == 0) return;
    for (const NodeRef operand : graph_.operands_of(node)) visit(operand.node);
  }

  const ConditionGraph& graph_;
  std::uint32_t rule_ = 0;
  std::vector<std::uint32_t> last_seen_;  // by node: the last rule that asked it
  std::vector<std::uint32_t> rules_;      // by atom
  std::unordered_map<std::string, std::uint64_t> by_text_;
};

double of_atom(const Atom& atom, const Popularity& popularity) {
  if (atom.operands.empty()) return of_kind(atom);
  double none = 1;
  for (const Atom::Operand& operand : atom.operands) {
    const double likely = of_operand(atom, operand);
    const double popular = likely * (1 + std::log2(popularity.of(atom, operand)));
    none *= 1 - std::max(likely, std::min(popular, kMostLikelyText));
  }
  return atom.kind == Atom::Kind::equals ? 1 - none : std::min(1 - none, kMostLikelyText);
}

struct Choice {
  double likelihood = 0;
  std::vector<AtomId> atoms;
};

std::optional<Choice> choose(const ConditionGraph& graph, const Likelihoods& likelihoods, NodeRef ref) {
  const Node& node = graph.nodes[ref.node];
  if (node.kind == Node::Kind::never && !ref.negated) return Choice{};
  if (ref.negated) return std::nullopt;
  if (node.kind == Node::Kind::atom) {
    return Choice{with_cost(graph.atoms[node.index], likelihoods.of(ref)), {node.index}};
  }
  if (node.kind == Node::Kind::residual) return std::nullopt;
  if (node.kind == Node::Kind::all_of) {
    std::optional<Choice> best;
    for (const NodeRef operand : graph.operands_of(node)) {
      std::optional<Choice> each = choose(graph, likelihoods, operand);
      if (each && (!best || each->likelihood < best->likelihood)) best = std::move(each);
    }
    return best;
  }
  Choice all;
  for (const NodeRef operand : graph.operands_of(node)) {
    std::optional<Choice> each = choose(graph, likelihoods, operand);
    if (!each) return std::nullopt;
    all.likelihood = 1 - (1 - all.likelihood) * (1 - each->likelihood);
    all.atoms.insert(all.atoms.end(), each->atoms.begin(), each->atoms.end());
  }
  return all;
}

}  // namespace

Likelihoods::Likelihoods(const ConditionGraph& graph, std::span<const NodeRef> roots)
    : by_node_(graph.nodes.size(), 0), costs_(graph.nodes.size(), 1) {
  const Popularity popularity(graph, roots);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.kind == Node::Kind::atom) {
      const Atom& atom = graph.atoms[node.index];
      by_node_[i] = of_atom(atom, popularity);
      if (atom.kind == Atom::Kind::free_text) costs_[i] = kFreeTextCost;
    }
    if (node.kind == Node::Kind::residual) {
      by_node_[i] = kResidualLikelihood;
      costs_[i] = kResidualCost;
    }
    if (node.count == 0) continue;
    const bool all = node.kind == Node::Kind::all_of;
    double goes_on = 1;  // that the operands so far have not decided
    double cost = 1;
    for (const NodeRef operand : graph.operands_of(node)) {
      cost += goes_on * cost_of(operand);
      goes_on *= all ? of(operand) : 1 - of(operand);
    }
    by_node_[i] = all ? goes_on : 1 - goes_on;
    costs_[i] = cost;
  }
}

std::optional<std::vector<AtomId>> find_triggers(const ConditionGraph& graph, const Likelihoods& likelihoods,
                                                 NodeRef root) {
  std::optional<Choice> choice = choose(graph, likelihoods, root);
  if (!choice) return std::nullopt;
  std::ranges::sort(choice->atoms);
  const auto repeated = std::ranges::unique(choice->atoms);
  choice->atoms.erase(repeated.begin(), repeated.end());
  return std::move(choice->atoms);
}

void order_operands(ConditionGraph& graph, const Likelihoods& likelihoods) {
  for (const Node& node : graph.nodes) {
    if (node.count == 0) continue;
    const bool all = node.kind == Node::Kind::all_of;
    std::ranges::sort(graph.operands_of(node), {}, [&](NodeRef ref) {
      const double decides = all ? 1 - likelihoods.of(ref) : likelihoods.of(ref);
      return std::pair(likelihoods.cost_of(ref) / std::max(decides, 1e-9), ref);
    });
  }
}

}  // namespace sightline::detect
