#include "detect/matcher/condition_graph.h"

#include <algorithm>
#include <map>

#include "query/fold.h"

namespace sightline::detect {
namespace {

void append_number(std::string& key, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) key += static_cast<char>(number >> static_cast<unsigned>(shift));
}

std::string key_without_operands(const Atom& atom) {
  std::string key{'a', static_cast<char>(atom.kind), atom.ignore_case ? 'i' : 'c'};
  for (const query::Target& target : atom.targets) append_target(key, target);
  return key;
}

std::string key_of(const Atom& atom) {
  std::string key = key_without_operands(atom);
  for (const Atom::Operand& operand : atom.operands) {
    append_key(key, operand.text);
    key += operand.integer ? 'n' : ' ';
    if (operand.integer) append_number(key, static_cast<std::uint64_t>(*operand.integer));
    key += operand.decimal ? 'd' : ' ';
    if (operand.decimal) append_key(key, *operand.decimal);
  }
  return key;
}

template <class T, class Projection>
void sort_unique(std::vector<T>& values, Projection projection) {
  std::ranges::sort(values, {}, projection);
  const auto repeated = std::ranges::unique(values, {}, projection);
  values.erase(repeated.begin(), repeated.end());
}

}  // namespace

void append_key(std::string& key, std::string_view bytes) {
  append_number(key, bytes.size());
  key += bytes;
}

void append_target(std::string& key, const query::Target& target) {
  const FieldId* field = std::get_if<FieldId>(&target);
  key += field != nullptr ? 'f' : 'p';
  if (field != nullptr) {
    key += static_cast<char>(*field);
  } else {
    append_key(key, std::get<std::string>(target));
  }
}

GraphBuilder::GraphBuilder() { graph_.nodes.emplace_back(); }

NodeRef GraphBuilder::intern(std::string key, const Node& node) {
  const auto next = static_cast<std::uint32_t>(graph_.nodes.size());
  const auto [known, added] = known_.emplace(std::move(key), next);
  if (added) graph_.nodes.push_back(node);
  return {known->second, false};
}

NodeRef GraphBuilder::atom(Atom atom) {
  const bool has_operands = atom.kind != Atom::Kind::present && atom.kind != Atom::Kind::not_ascii;
  if (has_operands && atom.operands.empty()) return never();
  if (atom.ignore_case) {
    for (Atom::Operand& operand : atom.operands) operand.text = query::fold(operand.text);
  }
  sort_unique(atom.targets, std::identity());
  sort_unique(atom.operands,
              [](const Atom::Operand& operand) { return std::tie(operand.text, operand.integer, operand.decimal); });
  const auto index = static_cast<std::uint32_t>(graph_.atoms.size());
  const NodeRef ref = intern(key_of(atom), {.kind = Node::Kind::atom, .index = index});
  if (graph_.nodes[ref.node].index == index) graph_.atoms.push_back(std::move(atom));
  return ref;
}

NodeRef GraphBuilder::residual(Residual residual, const std::string& key) {
  const auto index = static_cast<std::uint32_t>(graph_.residuals.size());
  std::string own_key("r");
  if (key.empty()) {
    own_key += '#';
    append_number(own_key, index);
  } else {
    own_key += ':' + key;
  }
  const NodeRef ref = intern(std::move(own_key), {.kind = Node::Kind::residual, .index = index});
  if (graph_.nodes[ref.node].index != index) return ref;
  graph_.residuals.push_back(std::move(residual));
  residual_keys_.push_back(key);
  return ref;
}

NodeRef GraphBuilder::copy(const GraphBuilder& other, NodeRef ref) {
  const Node& node = other.graph_.nodes[ref.node];
  NodeRef copied = never();
  if (node.kind == Node::Kind::atom) copied = atom(other.graph_.atoms[node.index]);
  if (node.kind == Node::Kind::residual)
    copied = residual(other.graph_.residuals[node.index], other.residual_keys_[node.index]);
  if (node.count > 0) {
    std::vector<NodeRef> operands;
    for (const NodeRef operand : other.graph_.operands_of(node)) operands.push_back(copy(other, operand));
    copied = group(node.kind, std::move(operands));
  }
  return ref.negated ? !copied : copied;
}

NodeRef GraphBuilder::group(Node::Kind kind, std::vector<NodeRef> operands) {
  // What decides the whole, and what says nothing: `never` and its negation.
  const NodeRef deciding{0, kind == Node::Kind::any_of};
  std::vector<NodeRef> flat;
  for (const NodeRef operand : operands) {
    const Node& node = graph_.nodes[operand.node];
    if (operand == deciding) return deciding;
    if (operand == !deciding) continue;
    if (node.kind == kind && !operand.negated) {
      const auto inner = graph_.operands_of(node);
      flat.insert(flat.end(), inner.begin(), inner.end());
    } else {
      flat.push_back(operand);
    }
  }
  if (kind == Node::Kind::any_of) merge_atoms(flat);
  sort_unique(flat, std::identity());
  for (std::size_t i = 1; i < flat.size(); ++i) {
    if (flat[i].node == flat[i - 1].node) return deciding;  // both it and its negation
  }
  if (flat.empty()) return !deciding;
  if (flat.size() == 1) return flat.front();
  std::string key(kind == Node::Kind::all_of ? "&" : "|");
  for (const NodeRef ref : flat) append_number(key, std::uint64_t{ref.node} << 1U | (ref.negated ? 1U : 0U));
  const auto first = static_cast<std::uint32_t>(graph_.operands.size());
  const auto count = static_cast<std::uint32_t>(flat.size());
  const std::size_t before = graph_.nodes.size();
  const NodeRef ref = intern(std::move(key), {.kind = kind, .first = first, .count = count});
  if (graph_.nodes.size() == before) return ref;
  graph_.operands.insert(graph_.operands.end(), flat.begin(), flat.end());
  return ref;
}

void GraphBuilder::merge_atoms(std::vector<NodeRef>& operands) {
  std::map<std::string, std::vector<NodeRef>> alike;
  for (const NodeRef ref : operands) {
    const Node& node = graph_.nodes[ref.node];
    if (ref.negated || node.kind != Node::Kind::atom) continue;
    const Atom& each = graph_.atoms[node.index];
    const bool mergeable = !each.operands.empty() && each.kind != Atom::Kind::free_text;
    if (mergeable) alike[key_without_operands(each)].push_back(ref);
  }
  for (auto& [key, refs] : alike) {
    if (refs.size() < 2) continue;
    Atom all = graph_.atoms[graph_.nodes[refs.front().node].index];
    for (const NodeRef ref : std::span(refs).subspan(1)) {
      const auto& more = graph_.atoms[graph_.nodes[ref.node].index].operands;
      all.operands.insert(all.operands.end(), more.begin(), more.end());
    }
    std::ranges::sort(refs);
    std::erase_if(operands, [&](NodeRef each) { return std::ranges::binary_search(refs, each); });
    operands.push_back(atom(std::move(all)));
  }
}

ConditionGraph GraphBuilder::finish() && {
  for (const NodeRef root : roots_) ++graph_.nodes[root.node].parents;
  for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
    if (graph_.nodes[i].parents == 0) continue;
    for (const NodeRef operand : graph_.operands_of(graph_.nodes[i])) ++graph_.nodes[operand.node].parents;
  }
  return std::move(graph_);
}

}  // namespace sightline::detect
