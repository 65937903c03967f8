#include "server/http/target.h"

#include <algorithm>

namespace sightline::http {

namespace {

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool may_stand_in_target(char c) { return c > 0x20 && c < 0x7F && c != '#'; }

Result<void> parse_query(std::string_view text, NameValues& out) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(pair.size(), equals + 1)), true);
    if (!name || !value) return fail(ErrorCode::invalid_input, "the query has a bad percent escape");
    if (out.size() == kMaxQueryValues) return fail(ErrorCode::invalid_input, "the query has too many values");
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return {};
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

Result<Target> parse_target(std::string_view text) {
  Target target;
  if (!std::ranges::all_of(text, may_stand_in_target)) {
    return fail(ErrorCode::invalid_input, "the request target holds a character that must be percent-encoded");
  }
  if (text.starts_with("http://") || text.starts_with("https://")) {
    text.remove_prefix(text.find("//") + 2);
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    target.authority = text.substr(0, end);
    text.remove_prefix(end);
    if (text.empty() || target.authority.empty()) {
      return fail(ErrorCode::invalid_input, "the request target has no host or no path");
    }
  }
  if (!text.starts_with('/')) return fail(ErrorCode::invalid_input, "the request target must start with '/'");
  const std::size_t question = std::min(text.find('?'), text.size());
  target.path = text.substr(0, question);
  for (std::size_t begin = 1; begin <= question;) {
    const std::size_t end = std::min(text.find('/', begin), question);
    auto segment = percent_decode(text.substr(begin, end - begin), false);
    if (!segment) return fail(ErrorCode::invalid_input, "the path has a bad percent escape");
    target.segments.push_back(std::move(*segment));
    begin = end + 1;
  }
  if (question < text.size()) {
    if (auto parsed = parse_query(text.substr(question + 1), target.query); !parsed) {
      return std::unexpected(parsed.error());
    }
  }
  return target;
}

}  // namespace sightline::http
