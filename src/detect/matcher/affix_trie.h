// Finds which of many literals a text begins with, or ends with, at the cost of the longest that does.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sightline::detect {

// Add literals, then build() once; immutable from then on, and thread-safe.
class AffixTrie {
 public:
  enum class End : std::uint8_t { front, back };

  explicit AffixTrie(End end) : end_(end) {}

  // `literal` is the caller's number for it.
  void add(std::string_view bytes, bool ignore_case, std::uint32_t literal);
  void build();
  bool empty() const { return literals_.empty(); }

  // Appends the numbers of the literals that stand at that end of the text.
  void find(std::string_view text, std::vector<std::uint32_t>& found) const;

 private:
  struct Literal {
    std::string bytes;  // folded where case is ignored
    bool ignore_case = false;
    std::uint32_t number = 0;
  };
  struct Node {
    std::uint32_t first_edge = 0;
    std::uint32_t edge_count = 0;
    std::uint32_t first_literal = 0;  // in ends_
    std::uint32_t literal_count = 0;
  };
  static constexpr std::uint32_t kNone = 0;  // the root is nobody's child

  std::uint8_t byte_at(std::string_view text, std::size_t depth) const;
  bool stands_at_end(const Literal& literal, std::string_view text) const;
  std::uint32_t child(std::uint32_t node, std::uint8_t byte) const;

  End end_;
  std::vector<Literal> literals_;
  std::map<std::pair<std::uint32_t, std::uint8_t>, std::uint32_t> edges_;  // until build()
  std::vector<std::vector<std::uint32_t>> literals_of_node_;               // until build()

  std::vector<Node> nodes_;
  std::vector<std::uint8_t> edge_bytes_;
  std::vector<std::uint32_t> edge_nodes_;
  std::vector<std::uint32_t> ends_;
  std::array<std::uint32_t, 256> from_root_{};
};

}  // namespace sightline::detect
