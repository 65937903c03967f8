#include "detect/matcher/needs.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "query/fold.h"

namespace sightline::detect {
namespace {

constexpr double kMostLikelyText = 0.75;
constexpr double kResidualLikelihood = 0.3;
constexpr double kResidualCost = 40;
constexpr double kFreeTextCost = 60;
constexpr double kWorthMoreThanFreeText = 0.5;
constexpr double kUnlikelyEnough = 0.01;  // what more needs would spare is less than they cost
constexpr double kLikelyRule = 0.05;

// Short values are those of small vocabularies: System, High, true.
double of_equal_text(std::size_t size) { return std::min(0.1, 0.5 / static_cast<double>(size + 1)); }

double of_equality(const query::Target& target, std::size_t size) {
  const FieldId* field = std::get_if<FieldId>(&target);
  if (field == nullptr) return of_equal_text(size);
  switch (*field) {
    case FieldId::event_type:
      return 0.99;  // where it is necessary, other events do not come here
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
    case Atom::Kind::run:
      return std::min(kMostLikelyText, 2 / static_cast<double>(*operand.integer));
    case Atom::Kind::free_text:
      return std::min(0.99, 12 / (size * size * size));
    default:
      return 0;
  }
}

double of_kind(const Atom& atom) {
  if (atom.kind == Atom::Kind::not_ascii) return 0.05;
  return 0.97;  // present
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
  double most = kMostLikelyText;
  for (const Atom::Operand& operand : atom.operands) {
    const double likely = of_operand(atom, operand);
    const double popular = likely * (1 + std::log2(popularity.of(atom, operand)));
    none *= 1 - std::max(likely, std::min(popular, kMostLikelyText));
    most = std::max(most, likely);
  }
  return std::min(1 - none, most);
}

struct Need {
  double likelihood = 0;
  std::vector<AtomId> atoms;  // sorted
  bool free_text = false;     // one of them is

  // Free text, which makes every value of every event be looked through, comes last.
  auto rank() const { return std::tie(free_text, likelihood, atoms); }
};

void keep_least_likely(std::vector<Need>& needs) {
  std::ranges::sort(needs, {}, &Need::rank);
  const auto repeated = std::ranges::unique(needs, {}, &Need::rank);
  needs.erase(repeated.begin(), repeated.end());
  bool enough = !needs.empty() && !needs.front().free_text && needs.front().likelihood < kWorthMoreThanFreeText;
  std::erase_if(needs, [&](const Need& need) { return need.free_text && std::exchange(enough, true); });
  std::ranges::sort(needs, {}, [](const Need& need) { return std::tie(need.likelihood, need.atoms); });
  double all = 1;
  std::size_t kept = 0;
  while (kept < std::min(needs.size(), kMaxNeeds) && all > kUnlikelyEnough) all *= needs[kept++].likelihood;
  needs.resize(kept);
}

class NeedFinder {
 public:
  NeedFinder(const ConditionGraph& graph, const Likelihoods& likelihoods) : graph_(graph), likelihoods_(likelihoods) {}

  std::vector<Need> needs_of(NodeRef ref) const {
    const Node& node = graph_.nodes[ref.node];
    if (ref.negated) return {};
    std::vector<Need> needs;
    switch (node.kind) {
      case Node::Kind::never:
        return {Need{}};
      case Node::Kind::residual:
        return {};
      case Node::Kind::atom: {
        const bool free_text = graph_.atoms[node.index].kind == Atom::Kind::free_text;
        return {{likelihoods_.of(ref), {node.index}, free_text}};
      }
      case Node::Kind::all_of:
        for (const NodeRef operand : graph_.operands_of(node))
          std::ranges::move(needs_of(operand), std::back_inserter(needs));
        break;
      case Node::Kind::any_of:
        needs = needs_of_any(node);
        break;
    }
    keep_least_likely(needs);
    return needs;
  }

 private:
  // A need of the one operand or a need of the other, and so on; and the same with the next need of each.
  std::vector<Need> needs_of_any(const Node& node) const {
    std::vector<std::vector<Need>> each;
    std::size_t most = 0;
    for (const NodeRef operand : graph_.operands_of(node)) {
      each.push_back(needs_of(operand));
      if (each.back().empty()) return {};
      most = std::max(most, each.back().size());
    }
    std::vector<Need> needs(most);
    for (std::size_t i = 0; i < most; ++i) {
      Need& all = needs[i];
      for (const std::vector<Need>& operand : each) {
        const Need& need = operand[i < operand.size() ? i : 0];
        all.likelihood = 1 - (1 - all.likelihood) * (1 - need.likelihood);
        all.free_text = all.free_text || need.free_text;
        all.atoms.insert(all.atoms.end(), need.atoms.begin(), need.atoms.end());
      }
      std::ranges::sort(all.atoms);
      const auto repeated = std::ranges::unique(all.atoms);
      all.atoms.erase(repeated.begin(), repeated.end());
    }
    return needs;
  }

  const ConditionGraph& graph_;
  const Likelihoods& likelihoods_;
};

// Atoms whose opposites must all hold.
std::vector<AtomId> find_exclusions(const ConditionGraph& graph, NodeRef root) {
  std::vector<AtomId> atoms;
  const auto add = [&](NodeRef ref) {
    const Node& node = graph.nodes[ref.node];
    if (ref.negated && node.kind == Node::Kind::atom && graph.atoms[node.index].kind != Atom::Kind::free_text)
      atoms.push_back(node.index);
  };
  const Node& node = graph.nodes[root.node];
  if (node.kind == Node::Kind::all_of && !root.negated) {
    for (const NodeRef operand : graph.operands_of(node)) add(operand);
  } else {
    add(root);
  }
  return atoms;
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

Needs find_needs(const ConditionGraph& graph, const Likelihoods& likelihoods, NodeRef root) {
  Needs needs;
  double likelihood = 1;
  for (Need& need : NeedFinder(graph, likelihoods).needs_of(root)) {
    likelihood *= need.likelihood;
    needs.any_of.push_back(std::move(need.atoms));
  }
  if (likelihood > kLikelyRule) needs.none_of = find_exclusions(graph, root);
  return needs;
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
