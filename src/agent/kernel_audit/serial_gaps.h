// Which of the kernel's audit events never arrived, by their serial numbers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace sightline::agent {

// Where a later run goes on.
struct SerialState {
  std::uint32_t newest = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> absent;  // up to it, first and last of each run; ascending

  bool operator==(const SerialState&) const = default;
};

// Numbers are consecutive over all events of one boot. Events of several processors may overtake one another, so that a
// number counts as missing only once kPatienceMs went by. Not thread-safe.
class SerialGaps {
 public:
  static constexpr std::int64_t kPatienceMs = 2000;
  static constexpr std::size_t kMaxGaps = 4096;  // open at once; more, and the oldest counts as missing at once

  // Begins with the first that comes.
  SerialGaps() = default;
  // Goes on; what is absent counts as missing soon, unless it comes.
  SerialGaps(const SerialState& state, std::int64_t now_ms);

  // A record of the event was seen. All `now_ms` are of a clock that is never set back.
  void saw(std::uint32_t serial, std::int64_t now_ms);
  // How many numbers turned out to be missing since the last call.
  struct Missing {
    std::uint64_t before = 0;  // from between an earlier run and the first number of this one
    std::uint64_t since = 0;
  };
  Missing take_missing(std::int64_t now_ms);

  // nullopt: nothing was seen yet.
  std::optional<SerialState> state() const;

 private:
  struct Gap {
    std::uint64_t last = 0;
    std::int64_t since_ms = 0;
  };

  void close_oldest();

  std::optional<std::uint64_t> newest_;   // with the times that numbers began again from 0 in the upper half
  std::map<std::uint64_t, Gap> gaps_;     // by first number
  std::optional<std::uint64_t> resumed_;  // the newest number of the earlier run
  std::optional<std::uint64_t> first_;    // of this run, above that
  Missing missing_;
};

}  // namespace sightline::agent
