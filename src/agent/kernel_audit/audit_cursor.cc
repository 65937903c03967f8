#include "agent/kernel_audit/audit_cursor.h"

#include <fmt/format.h>

#include <charconv>

namespace sightline::agent {
namespace {

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t place = text.find(end);
  const std::string_view part = text.substr(0, place);
  text.remove_prefix(place == std::string_view::npos ? text.size() : place + 1);
  return part;
}

template <class Number = std::uint32_t>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string to_string(const AuditCursor& cursor) {
  std::string text = cursor.boot_id;
  text += cursor.serials ? fmt::format(" {}", cursor.serials->newest) : " -";
  text += cursor.lost ? fmt::format(" {}", *cursor.lost) : " -";
  text += fmt::format(" {}", cursor.time_ms);
  if (!cursor.serials || cursor.serials->absent.empty()) return text + " -";
  const auto& absent = cursor.serials->absent;
  if (absent.size() > kMaxAbsentRuns) {
    return text + fmt::format(" {}-{}", absent.front().first, absent.back().second);
  }
  char separator = ' ';
  for (const auto& [first, last] : absent) {
    fmt::format_to(std::back_inserter(text), "{}{}-{}", separator, first, last);
    separator = ',';
  }
  return text;
}

AuditCursor parse_audit_cursor(std::string_view text) {
  AuditCursor cursor;
  cursor.boot_id = take_until(text, ' ');
  const auto newest = parse_number(take_until(text, ' '));
  cursor.lost = parse_number(take_until(text, ' '));
  const auto time_ms = parse_number<std::int64_t>(take_until(text, ' '));
  if (!time_ms) return {};
  cursor.time_ms = *time_ms;
  if (!newest) return cursor;
  cursor.serials = SerialState{.newest = *newest, .absent = {}};
  while (!text.empty() && text != "-") {
    std::string_view run = take_until(text, ',');
    const auto first = parse_number(take_until(run, '-'));
    const auto last = parse_number(run);
    if (!first || !last) return {};
    cursor.serials->absent.emplace_back(*first, *last);
  }
  return cursor;
}

}  // namespace sightline::agent
