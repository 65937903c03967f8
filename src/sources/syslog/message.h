// One syslog message: RFC 5424, RFC 3164 with or without a priority, and what rsyslog writes to files (RFC 3164 with
// ISO-8601 time stamps). Nothing is copied: all views point into the line.
//
//   message := [ "<" PRIORITY ">" ] TIME " " HOST " " [ PROGRAM [ "[" PID "]" ] ": " ] TEXT
//            | "<" PRIORITY ">" [ PROGRAM [ "[" PID "]" ] ": " ] TEXT
//            | "<" PRIORITY ">1 " ( ISO | "-" ) " " HOST " " PROGRAM " " PID " " MSGID " " ( "-" | { ELEMENT } ) [ " "
//            TEXT ]
//   TIME    := "Jan  2 03:04:05" | "Jan  2 2026 03:04:05" | either with a fraction | ISO
//   ELEMENT := "[" ID { " " NAME "=" '"' VALUE '"' } "]"
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

namespace sightline::syslog {

inline constexpr std::size_t kMaxParameters = 4000;  // of one message
struct Parameter {
  std::string_view id;     // of the element
  std::string_view name;   // empty: the element has no parameters
  std::string_view value;  // as written: \" \\ \] are escapes
};

// Empty, or nullopt: not said (RFC 5424's "-" too).
struct Message {
  std::optional<std::uint8_t> facility;  // 0 to 23
  std::optional<std::uint8_t> severity;  // 0 to 7
  std::optional<std::int64_t> time_ms;   // since 1970, UTC
  bool year_assumed = false;
  bool zone_assumed = false;
  std::string_view hostname;
  std::string_view program;
  std::string_view process;  // a process id, as a rule
  std::string_view message_id;
  std::vector<Parameter> structured_data;
  bool structured_data_cut = false;  // there were more than kMaxParameters
  std::string_view text;
};

struct MessageError {
  std::size_t column = 0;     // from 1
  const char* expected = "";  // what should have stood there
};

// `reference_time_ms` settles the year of a time without one; 0: unknown, and such a time stays unset.
std::expected<Message, MessageError> parse_message(std::string_view line, std::int64_t reference_time_ms);

// The RFC's keywords: "authpriv", "warning". Beyond 23 and 7: empty.
std::string_view facility_name(std::uint8_t facility);
std::string_view severity_name(std::uint8_t severity);

}  // namespace sightline::syslog
