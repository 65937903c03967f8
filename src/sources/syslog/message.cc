#include "sources/syslog/message.h"

#include <algorithm>
#include <array>

#include "sources/syslog/structured_data.h"
#include "sources/syslog/time_stamp.h"

namespace sightline::syslog {
namespace {

constexpr int kMaxPriority = 191;  // 23 * 8 + 7
constexpr std::size_t kMaxProgramBytes = 256;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

using Error = std::unexpected<MessageError>;

class Parser {
 public:
  Parser(std::string_view line, std::int64_t reference_time_ms)
      : line_(line), rest_(line), reference_time_ms_(reference_time_ms) {}

  std::expected<Message, MessageError> parse() {
    if (rest_.starts_with('<')) {
      if (!take_priority()) return fail("a priority from <0> to <191>");
      if (take("1 ")) return parse_rfc5424();
      if (!take_time()) {
        take_tag();
        message_.text = rest_;
        return std::move(message_);
      }
    } else if (!take_time()) {
      return fail("a priority (<38>), or a time such as 'Jan  2 03:04:05' or '2026-01-02T03:04:05Z'");
    }
    if (!rest_.empty() && !take(" ")) return fail("a blank behind the time");
    take_host();
    take_tag();
    message_.text = rest_;
    return std::move(message_);
  }

 private:
  Error fail(const char* expected) const { return Error(MessageError{line_.size() - rest_.size() + 1, expected}); }

  bool take(std::string_view part) {
    if (!rest_.starts_with(part)) return false;
    rest_.remove_prefix(part.size());
    return true;
  }

  std::string_view take_word() {
    const std::string_view word = rest_.substr(0, std::min(rest_.find(' '), rest_.size()));
    rest_.remove_prefix(word.size());
    return word;
  }

  bool take_priority() {
    const std::size_t end = rest_.substr(0, 5).find('>');
    if (end == std::string_view::npos || end < 2) return false;
    const std::string_view digits = rest_.substr(1, end - 1);
    if (!std::ranges::all_of(digits, is_digit)) return false;
    int priority = 0;
    for (const char c : digits) priority = priority * 10 + (c - '0');
    if (priority > kMaxPriority) return false;
    message_.facility = static_cast<std::uint8_t>(priority / 8);
    message_.severity = static_cast<std::uint8_t>(priority % 8);
    rest_.remove_prefix(end + 1);
    return true;
  }

  void set_time(const TimeStamp& stamp) {
    message_.time_ms = stamp.time_ms;
    message_.year_assumed = stamp.year_assumed;
    message_.zone_assumed = stamp.zone_assumed;
  }

  bool take_time() {
    auto stamp = take_bsd_time(rest_, reference_time_ms_);
    if (!stamp) stamp = take_iso_time(rest_);
    if (!stamp) return false;
    set_time(*stamp);
    return true;
  }

  // Programs that write to /dev/log leave the host out: then the tag stands in its place.
  void take_host() {
    const std::string_view word = rest_.substr(0, std::min(rest_.find(' '), rest_.size()));
    if (word.ends_with(':') && !word.ends_with("::")) return;
    rest_.remove_prefix(word.size());
    take(" ");
    message_.hostname = word;
  }

  // "PROGRAM:", "PROGRAM[PID]:". What looks otherwise is text.
  void take_tag() {
    const std::size_t end = rest_.substr(0, kMaxProgramBytes).find_first_of(" \t:[");
    if (end == std::string_view::npos || end == 0) return;
    std::string_view behind = rest_.substr(end);
    std::string_view process;
    if (behind.starts_with('[')) {
      const std::size_t close = behind.find(']');
      if (close == std::string_view::npos || behind.substr(0, close).contains(' ')) return;
      process = behind.substr(1, close - 1);
      behind.remove_prefix(close + 1);
    }
    if (!behind.starts_with(':')) return;
    behind.remove_prefix(1);
    if (!behind.empty() && !behind.starts_with(' ')) return;  // "a::b", "10:30"
    message_.program = rest_.substr(0, end);
    message_.process = process;
    if (behind.starts_with(' ')) behind.remove_prefix(1);
    rest_ = behind;
  }

  std::expected<Message, MessageError> parse_rfc5424() {
    if (!take("-")) {
      const auto stamp = take_iso_time(rest_);
      if (!stamp) return fail("a time such as 2026-01-02T03:04:05Z, or -");
      set_time(*stamp);
    }
    for (std::string_view* value : {&message_.hostname, &message_.program, &message_.process, &message_.message_id}) {
      if (!take(" ")) return fail("a blank");
      *value = take_word();
      if (value->empty()) return fail("a word, or -");
      if (*value == "-") *value = {};
    }
    if (!take(" ")) return fail("a blank");
    if (!take("-")) {
      if (const char* expected = take_structured_data(rest_, message_.structured_data)) return fail(expected);
      message_.structured_data_cut = message_.structured_data.size() > kMaxParameters;
    }
    if (rest_.empty()) return std::move(message_);
    if (!take(" ")) return fail("a blank behind the structured data");
    take("\xEF\xBB\xBF");
    message_.text = rest_;
    return std::move(message_);
  }

  std::string_view line_;
  std::string_view rest_;
  std::int64_t reference_time_ms_;
  Message message_;
};

constexpr std::array<std::string_view, 24> kFacilities = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog",   "lpr",     "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "security", "console", "solaris-cron",
    "local0", "local1", "local2",   "local3", "local4", "local5",   "local6",  "local7"};
constexpr std::array<std::string_view, 8> kSeverities = {"emerg",   "alert",  "crit", "err",
                                                         "warning", "notice", "info", "debug"};

}  // namespace

std::expected<Message, MessageError> parse_message(std::string_view line, std::int64_t reference_time_ms) {
  return Parser(line, reference_time_ms).parse();
}

std::string_view facility_name(std::uint8_t facility) {
  return facility < kFacilities.size() ? kFacilities[facility] : std::string_view();
}

std::string_view severity_name(std::uint8_t severity) {
  return severity < kSeverities.size() ? kSeverities[severity] : std::string_view();
}

}  // namespace sightline::syslog
