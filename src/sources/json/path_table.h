// The paths of JSON values, built once and looked up for every key of every event.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "event/field.h"

namespace sightline::sources {

// What becomes of the values at a path.
struct PathRule {
  enum class Kind : std::uint8_t {
    attribute,  // kept under the path, or under `renamed`
    field,      // `field`, where the type fits
    time,       // when the event happened; of several, the one with the lowest `time_rank` counts
  };
  Kind kind = Kind::attribute;
  FieldId field = FieldId::id;
  std::uint8_t time_rank = 0;
  bool time_kept = false;  // the time that counts is an attribute too
  std::string renamed;
};

using PathRules = std::unordered_map<std::string, PathRule>;

// The rule of a path that PathRules does not name; asked once for each path.
using PathNamer = PathRule (*)(std::string_view path);

// Every field by its name, except for what only the server sets and what is an event's own (id, source, duplicate_of,
// original, …): a value of the input under such a name is kept as an attribute with "original_" in front.
PathRules schema_rules();

// Keeps `path` as an attribute with "original_" in front.
void reserve_path(PathRules& rules, std::string_view path);

// A path is a node; its children are the keys below it. Keys usually come in the order they came in last time, so that
// most lookups are one comparison. Not thread-safe.
class PathTable {
 public:
  using NodeId = std::uint32_t;
  static constexpr NodeId kRoot = 0;
  static constexpr NodeId kNone = UINT32_MAX;
  static constexpr std::size_t kMaxPathBytes = 1024;

  explicit PathTable(PathRules rules, PathNamer namer = nullptr);

  // To be called before every document: forgets everything once it has become large. Nodes do not survive it.
  void start_document();

  // The node of `key` below `parent`, made if need be. `previous` is the node of the key before it in the same object,
  // or kNone. kNone: the path would be longer than kMaxPathBytes.
  NodeId child(NodeId parent, NodeId previous, std::string_view key);

  const PathRule& rule(NodeId node) const { return nodes_[node]->rule; }
  std::string_view path(NodeId node) const { return nodes_[node]->path; }

  // The path as a view into `arena`, copied there once until the next call of start_batch.
  std::string_view path_in(NodeId node, Arena& arena);
  void start_batch() { ++generation_; }

 private:
  struct Node {
    std::string key;
    std::string path;
    PathRule rule;
    NodeId first_child = kNone;  // the first key of the last object seen here
    NodeId follower = kNone;     // the key that came after this one last time
    std::string_view in_batch;
    std::uint64_t generation = 0;
  };
  struct ChildKey {
    NodeId parent;
    std::string_view key;  // into the node
    bool operator==(const ChildKey&) const = default;
  };
  struct ChildKeyHash {
    std::size_t operator()(const ChildKey& child) const;
  };

  void clear();
  NodeId insert(NodeId parent, std::string_view key);

  PathRules rules_;
  PathNamer namer_;
  std::deque<Node> memory_;   // addresses are stable, ChildKey points into them
  std::vector<Node*> nodes_;  // by their ids
  std::unordered_map<ChildKey, NodeId, ChildKeyHash> children_;
  std::size_t size_bytes_ = 0;
  std::uint64_t generation_ = 1;
};

}  // namespace sightline::sources
