// Times as people write and read them, in one time zone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace sightline::cli {

// The zone of this program run. Choosing one changes the C library's zone of the whole process (this library has no
// time-zone database of its own), so there is one at a time; not thread-safe.
class TimeZone {
 public:
  // The machine's, or what TZ says.
  static TimeZone local();
  // "UTC", "local" or a name of the time-zone database such as "Europe/Berlin". Errors: invalid_input.
  static Result<TimeZone> named(const std::string& name);

  // For headings: "UTC", "Europe/Berlin", or the abbreviation of the machine's zone.
  const std::string& name() const { return name_; }

  // "2020-09-17 20:15:02.289"; milliseconds that no calendar holds come out as the number.
  std::string format(std::int64_t time_ms) const;
  // The same with the zone's offset: "2020-09-17 20:15:02.289 +0200".
  std::string format_with_offset(std::int64_t time_ms) const;

  // A moment: 13 digits (ms) or 10 digits (s) since 1970; ISO 8601, in this zone where it says none; `now`, `now-15m`,
  // `now+1h`, `15m` (that long ago) with the units s, m, h, d, w. Errors: invalid_input.
  Result<std::int64_t> parse(std::string_view text, std::int64_t now_ms) const;

 private:
  explicit TimeZone(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

// "3m", "2h 5m", "12d": how long, in at most two units.
std::string format_duration(std::int64_t duration_ms);

}  // namespace sightline::cli
