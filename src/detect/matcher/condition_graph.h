// The conditions of many rules as one graph: what two rules ask alike is in it once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "detect/matcher/value_tables.h"
#include "query/ast.h"
#include "query/predicate.h"

namespace sightline::detect {

// One question about an event that tables answer for all rules at once.
struct Atom {
  enum class Kind : std::uint8_t { equals, contains, starts_with, ends_with, present, not_ascii, run, free_text };

  // By the type of the target, as in query::Literal. Of a run of bytes: which, and how many at least.
  struct Operand {
    std::string text;
    std::optional<std::int64_t> integer;
    std::optional<std::string> decimal;
  };

  Kind kind = Kind::present;
  bool ignore_case = false;
  std::vector<query::Target> targets;  // sorted; any value of any of them; none for free text
  std::vector<Operand> operands;       // any of them; none for present and not_ascii
};

// A question that tables do not answer: tried on an event when a rule asks it, once.
struct Residual {
  query::Predicate predicate;
  // One of their values alone can satisfy it, or none does. Empty: it may look at anything in the event.
  std::vector<query::Target> targets;
  // Not empty: it looks at the values of these and of `targets`, and holds only where two of them are equally long.
  std::vector<query::Target> compared_with = {};
};

// A node of the graph, or its negation.
struct NodeRef {
  std::uint32_t node = 0;
  bool negated = false;

  auto operator<=>(const NodeRef&) const = default;
  NodeRef operator!() const { return {node, !negated}; }
};

struct Node {
  enum class Kind : std::uint8_t { never, atom, residual, all_of, any_of };
  Kind kind = Kind::never;
  std::uint32_t index = 0;    // of the atom or residual
  std::uint32_t first = 0;    // all_of and any_of: operands, in ConditionGraph::operands
  std::uint32_t count = 0;    // at least two
  std::uint32_t parents = 0;  // nodes and rules that ask it; 0: it has become part of others
};

struct ConditionGraph {
  std::vector<Atom> atoms;
  std::vector<Residual> residuals;
  std::vector<Node> nodes;  // operands before those who use them; the first is `never`
  std::vector<NodeRef> operands;

  std::span<const NodeRef> operands_of(const Node& node) const {
    return std::span(operands).subspan(node.first, node.count);
  }
  std::span<NodeRef> operands_of(const Node& node) { return std::span(operands).subspan(node.first, node.count); }
};

// Makes a graph. The same question added twice gives the same node.
class GraphBuilder {
 public:
  GraphBuilder();

  NodeRef never() const { return {0, false}; }
  NodeRef atom(Atom atom);
  // `key` tells residuals apart; empty: like no other.
  NodeRef residual(Residual residual, const std::string& key);
  NodeRef all_of(std::vector<NodeRef> operands) { return group(Node::Kind::all_of, std::move(operands)); }
  NodeRef any_of(std::vector<NodeRef> operands) { return group(Node::Kind::any_of, std::move(operands)); }
  // The same question as `ref` is in another builder.
  NodeRef copy(const GraphBuilder& other, NodeRef ref);
  // A rule asks it.
  void add_root(NodeRef root) { roots_.push_back(root); }

  // Counts parents.
  ConditionGraph finish() &&;

 private:
  NodeRef group(Node::Kind kind, std::vector<NodeRef> operands);
  // Replaces atoms that differ in nothing but their operands by one that has all of them.
  void merge_atoms(std::vector<NodeRef>& operands);
  // Adds the node unless one with this key is there.
  NodeRef intern(std::string key, const Node& node);

  ConditionGraph graph_;
  std::vector<std::string> residual_keys_;
  std::unordered_map<std::string, std::uint32_t> known_;  // nodes by key
  std::vector<NodeRef> roots_;
};

// Puts something that tells one value from all others into a key.
void append_key(std::string& key, std::string_view bytes);
void append_target(std::string& key, const query::Target& target);

}  // namespace sightline::detect
