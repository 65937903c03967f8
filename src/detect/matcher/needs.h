// What a rule needs: questions of which an event must satisfy one, or it does not satisfy the rule.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "detect/matcher/condition_graph.h"

namespace sightline::detect {

// Guesses at how many events satisfy a question, from what it looks at, how long its texts are, and how many rules ask
// for the same text: what many look for is common. Only speed depends on them.
class Likelihoods {
 public:
  // `roots`: of the rules.
  Likelihoods(const ConditionGraph& graph, std::span<const NodeRef> roots);

  // From 0 to 1.
  double of(NodeRef ref) const { return ref.negated ? 1 - by_node_[ref.node] : by_node_[ref.node]; }
  // What finding out costs, in units of one look at a table.
  double cost_of(NodeRef ref) const { return costs_[ref.node]; }

 private:
  std::vector<double> by_node_;
  std::vector<double> costs_;
};

inline constexpr std::size_t kMaxNeeds = 4;

// Of each need, the atoms of which one must hold: the least likely needs that the rule's structure shows, the least
// likely first, at most kMaxNeeds. Free text is among them only where nothing else is likely to say no.
struct Needs {
  std::vector<std::vector<AtomId>> any_of;
  // Where the needs leave many events: atoms of which none may hold.
  std::vector<AtomId> none_of;
};
Needs find_needs(const ConditionGraph& graph, const Likelihoods& likelihoods, NodeRef root);

// Puts operands first that are likely to decide, at little cost.
void order_operands(ConditionGraph& graph, const Likelihoods& likelihoods);

}  // namespace sightline::detect
