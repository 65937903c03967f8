// Which of many names somebody meant who wrote one that does not exist.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::query {

// How unlike two names are, small is alike: equal but for case, the last parts of a dotted path equal, few letters
// wrong. nullopt: too unlike to be meant.
std::optional<std::size_t> name_distance(std::string_view written, std::string_view name);

// Keeps the `limit` nearest of all names offered.
class NearestNames {
 public:
  NearestNames(std::string_view written, std::size_t limit) : written_(written), limit_(limit) {}

  void offer(std::string_view name);
  // Best first, without repetitions.
  std::vector<std::string> names() const;

 private:
  struct Candidate {
    std::size_t distance = 0;
    std::string name;
    auto operator<=>(const Candidate&) const = default;
  };

  std::string written_;
  std::size_t limit_;
  std::vector<Candidate> candidates_;  // ascending
};

}  // namespace sightline::query
