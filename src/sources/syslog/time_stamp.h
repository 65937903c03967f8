// Time stamps of syslog messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sightline::syslog {

struct TimeStamp {
  std::optional<std::int64_t> time_ms;  // nullopt: the year cannot be told, as there is no reference time
  bool year_assumed = false;
  bool zone_assumed = false;  // taken as UTC
};

// Takes "Jan  2 03:04:05" or "Jan  2 2026 03:04:05", either with a fraction of a second, off the front. Without a year
// it is the newest such moment that lies at most a day after `reference_time_ms`: a line "from the future" belongs to
// last year, and 29 February to the last leap year.
std::optional<TimeStamp> take_bsd_time(std::string_view& text, std::int64_t reference_time_ms);

// Takes an ISO-8601 date and time off the front, up to the next blank.
std::optional<TimeStamp> take_iso_time(std::string_view& text);

}  // namespace sightline::syslog
