// Which attempts to open what is not there are worth an event.
#pragma once

#include <cstdint>
#include <string_view>

namespace sightline::agent {

// The kernel cannot compare the path of a file that does not exist, so a rule with the key kAbsentKey records each one
// that was sought, most of them libraries and translations. Kept are those whose path may be one of credentials, up to
// a budget: kBurst at once, then one a second. All other events are none of its business. Not thread-safe.
class AttemptFilter {
 public:
  static constexpr std::string_view kAbsentKey = "sightline-absent";
  static constexpr std::int64_t kBurst = 120;

  enum class Verdict : std::uint8_t { keep, unremarkable, over_budget };
  // The lines of one event; `now_ms` of a clock that is never set.
  Verdict judge(std::string_view lines, std::int64_t now_ms);

 private:
  std::int64_t left_ = kBurst;
  std::int64_t refilled_ms_ = 0;
};

}  // namespace sightline::agent
