#include "detect/matcher/affix_trie.h"

#include <algorithm>

#include "query/fold.h"

namespace sightline::detect {
namespace {

// What lies deeper is compared instead: the trie stays small where literals are long.
constexpr std::size_t kMaxDepth = 32;

}  // namespace

std::uint8_t AffixTrie::byte_at(std::string_view text, std::size_t depth) const {
  return static_cast<std::uint8_t>(query::fold(end_ == End::front ? text[depth] : text[text.size() - 1 - depth]));
}

void AffixTrie::add(std::string_view bytes, bool ignore_case, std::uint32_t literal) {
  if (literals_of_node_.empty()) literals_of_node_.emplace_back();
  std::uint32_t node = 0;
  for (std::size_t depth = 0; depth < std::min(bytes.size(), kMaxDepth); ++depth) {
    const auto next = static_cast<std::uint32_t>(literals_of_node_.size());
    const auto [edge, added] = edges_.emplace(std::pair(node, byte_at(bytes, depth)), next);
    if (added) literals_of_node_.emplace_back();
    node = edge->second;
  }
  literals_of_node_[node].push_back(static_cast<std::uint32_t>(literals_.size()));
  literals_.push_back({ignore_case ? query::fold(bytes) : std::string(bytes), ignore_case, literal});
}

void AffixTrie::build() {
  nodes_.resize(literals_of_node_.size());
  for (const auto& [from, to] : edges_) {
    const auto& [node, byte] = from;
    if (nodes_[node].edge_count++ == 0) nodes_[node].first_edge = static_cast<std::uint32_t>(edge_nodes_.size());
    edge_bytes_.push_back(byte);
    edge_nodes_.push_back(to);
    if (node == 0) from_root_.at(byte) = to;
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].first_literal = static_cast<std::uint32_t>(ends_.size());
    nodes_[i].literal_count = static_cast<std::uint32_t>(literals_of_node_[i].size());
    ends_.insert(ends_.end(), literals_of_node_[i].begin(), literals_of_node_[i].end());
  }
  edges_.clear();
  literals_of_node_ = {};
}

std::uint32_t AffixTrie::child(std::uint32_t node, std::uint8_t byte) const {
  if (node == 0) return from_root_[byte];
  const Node& from = nodes_[node];
  for (std::uint32_t i = from.first_edge; i < from.first_edge + from.edge_count; ++i) {
    if (edge_bytes_[i] == byte) return edge_nodes_[i];
  }
  return kNone;
}

bool AffixTrie::stands_at_end(const Literal& literal, std::string_view text) const {
  if (text.size() < literal.bytes.size()) return false;
  const std::size_t begin = end_ == End::front ? 0 : text.size() - literal.bytes.size();
  const std::string_view part = text.substr(begin, literal.bytes.size());
  return literal.ignore_case ? query::equal_folded(part, literal.bytes) : part == literal.bytes;
}

void AffixTrie::find(std::string_view text, std::vector<std::uint32_t>& found) const {
  if (empty()) return;
  std::uint32_t node = 0;
  for (std::size_t depth = 0;; ++depth) {
    const Node& here = nodes_[node];
    for (std::uint32_t i = here.first_literal; i < here.first_literal + here.literal_count; ++i) {
      const Literal& literal = literals_[ends_[i]];
      // The way here has compared short literals already, but for case.
      const bool compared = literal.ignore_case && literal.bytes.size() <= kMaxDepth;
      if (compared || stands_at_end(literal, text)) found.push_back(literal.number);
    }
    if (depth == text.size()) return;
    node = child(node, byte_at(text, depth));
    if (node == kNone) return;
  }
}

}  // namespace sightline::detect
