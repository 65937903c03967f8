#include "sources/json/path_table.h"

namespace sightline::sources {
namespace {

// Above either, the table starts afresh with the next document. A document adds a bounded number of keys
// (kMaxKeys in json_reader.cc), so the table stays below twice as many.
constexpr std::size_t kMaxNodes = std::size_t{16} * 1024;
constexpr std::size_t kMaxBytes = std::size_t{8} * 1024 * 1024;

}  // namespace

void reserve_path(PathRules& rules, std::string_view path) {
  rules[std::string(path)] = PathRule{.renamed = "original_" + std::string(path)};
}

PathRules schema_rules() {
  PathRules rules;
  for (const FieldInfo& field : all_fields()) {
    rules[std::string(field.name)] = PathRule{.kind = PathRule::Kind::field, .field = field.id, .renamed = {}};
  }
  for (const char* path : {"id", "event_time", "received_time", "original", "original_base64", "source", "duplicate_of",
                           "masked", "rule_matches"}) {
    reserve_path(rules, path);
  }
  return rules;
}

std::size_t PathTable::ChildKeyHash::operator()(const ChildKey& child) const {
  return std::hash<std::string_view>()(child.key) ^ child.parent * 0x9E3779B97F4A7C15U;
}

PathTable::PathTable(PathRules rules, PathNamer namer) : rules_(std::move(rules)), namer_(namer) { clear(); }

void PathTable::clear() {
  children_.clear();
  nodes_.clear();
  memory_.clear();
  nodes_.push_back(&memory_.emplace_back());
  size_bytes_ = 0;
}

void PathTable::start_document() {
  if (nodes_.size() > kMaxNodes || size_bytes_ > kMaxBytes) clear();
}

PathTable::NodeId PathTable::child(NodeId parent, NodeId previous, std::string_view key) {
  NodeId& expected = previous == kNone ? nodes_[parent]->first_child : nodes_[previous]->follower;
  if (expected != kNone && nodes_[expected]->key == key) return expected;
  const auto found = children_.find({parent, key});
  const NodeId node = found != children_.end() ? found->second : insert(parent, key);
  if (node != kNone) expected = node;
  return node;
}

PathTable::NodeId PathTable::insert(NodeId parent, std::string_view key) {
  const std::string& prefix = nodes_[parent]->path;
  if (prefix.size() + 1 + key.size() > kMaxPathBytes) return kNone;
  const auto id = static_cast<NodeId>(nodes_.size());
  std::string path = parent == kRoot ? std::string(key) : prefix + "." + std::string(key);
  Node& node = memory_.emplace_back();
  nodes_.push_back(&node);
  node.key = key;
  node.path = std::move(path);
  size_bytes_ += sizeof(Node) + node.key.size() + node.path.size();
  if (const auto rule = rules_.find(node.path); rule != rules_.end()) {
    node.rule = rule->second;
  } else if (namer_ != nullptr) {
    node.rule = namer_(node.path);
  }
  children_.emplace(ChildKey{parent, node.key}, id);
  return id;
}

std::string_view PathTable::path_in(NodeId id, Arena& arena) {
  Node& node = *nodes_[id];
  if (node.generation != generation_) {
    node.in_batch = arena.copy(node.rule.renamed.empty() ? node.path : node.rule.renamed);
    node.generation = generation_;
  }
  return node.in_batch;
}

}  // namespace sightline::sources
