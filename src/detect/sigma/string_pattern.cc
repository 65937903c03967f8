#include "detect/sigma/string_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace sightline::detect::sigma {
namespace {

bool is_wildcard(char c) { return c == '*' || c == '?'; }

bool is_run(const StringPattern::Part& part) {
  const Wildcard* wildcard = std::get_if<Wildcard>(&part);
  return wildcard != nullptr && *wildcard == Wildcard::run;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

// Of a placeholder that begins at `at`; nullopt where the percent sign is just one.
std::optional<std::string_view> placeholder_name(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && is_name_character(text[end])) ++end;
  if (end == at + 1 || end >= text.size() || text[end] != '%') return std::nullopt;
  return text.substr(at + 1, end - at - 1);
}

void append_for_glob(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '*' || c == '\\') out += '\\';
    out += c;
  }
}

void append_for_regex(std::string& out, std::string_view text) {
  constexpr std::string_view kSpecial = R"(\.+*?()|[]{}^$)";
  for (const char c : text) {
    if (kSpecial.contains(c)) out += '\\';
    out += c;
  }
}

std::string regex_of(std::span<const StringPattern::Part> parts) {
  std::string out;
  for (const StringPattern::Part& part : parts) {
    if (const std::string* text = std::get_if<std::string>(&part)) {
      append_for_regex(out, *text);
    } else {
      out += is_run(part) ? ".*" : ".";
    }
  }
  return out;
}

std::string_view flags(bool cased) { return cased ? "(?s)" : "(?is)"; }

std::string glob_of(const std::vector<StringPattern::Part>& parts) {
  std::string out;
  for (const StringPattern::Part& part : parts) {
    if (const std::string* text = std::get_if<std::string>(&part)) {
      append_for_glob(out, *text);
    } else {
      out += '*';
    }
  }
  return out;
}

}  // namespace

StringPattern StringPattern::literal(std::string_view text) {
  StringPattern pattern;
  pattern.append(text);
  return pattern;
}

StringPattern StringPattern::parse(std::string_view text, bool placeholders) {
  return parsed(text, true, placeholders);
}

StringPattern StringPattern::parse_placeholders(std::string_view text) { return parsed(text, false, true); }

StringPattern StringPattern::parsed(std::string_view text, bool wildcards, bool placeholders) {
  StringPattern pattern;
  std::string run;
  const auto flush = [&] {
    pattern.append(run);
    run.clear();
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    const bool escapes = (wildcards && (is_wildcard(next) || next == '\\')) || (placeholders && next == '%');
    if (c == '\\' && escapes) {
      run += next;
      ++at;
    } else if (wildcards && is_wildcard(c)) {
      flush();
      pattern.append(static_cast<Wildcard>(c));
    } else if (const auto name = placeholders && c == '%' ? placeholder_name(text, at) : std::nullopt) {
      flush();
      pattern.append(Placeholder{std::string(*name)});
      at += name->size() + 1;
    } else {
      run += c;
    }
  }
  flush();
  return pattern;
}

std::optional<std::string> StringPattern::as_literal() const {
  if (parts_.empty()) return std::string();
  if (parts_.size() > 1) return std::nullopt;
  const std::string* text = std::get_if<std::string>(&parts_.front());
  return text == nullptr ? std::nullopt : std::optional(*text);
}

void StringPattern::append(std::string_view text) {
  if (text.empty()) return;
  std::string* last = parts_.empty() ? nullptr : std::get_if<std::string>(&parts_.back());
  if (last != nullptr) {
    last->append(text);
  } else {
    parts_.emplace_back(std::string(text));
  }
}

void StringPattern::append(Wildcard wildcard) {
  const bool repeated = wildcard == Wildcard::run && !parts_.empty() && is_run(parts_.back());
  if (!repeated) parts_.emplace_back(wildcard);
}

void StringPattern::append(const StringPattern& other) {
  for (const Part& part : other.parts_) {
    std::visit([&](const auto& each) { append(each); }, part);
  }
}

StringPattern StringPattern::with_run_before() const {
  StringPattern pattern;
  pattern.append(Wildcard::run);
  pattern.append(*this);
  return pattern;
}

StringPattern StringPattern::with_run_after() const {
  StringPattern pattern = *this;
  pattern.append(Wildcard::run);
  return pattern;
}

PatternForm form_of(const StringPattern& pattern, bool cased) {
  const auto& parts = pattern.parts();
  const bool one = std::ranges::any_of(parts, [](const StringPattern::Part& part) {
    const Wildcard* wildcard = std::get_if<Wildcard>(&part);
    return wildcard != nullptr && *wildcard == Wildcard::one;
  });
  if (one) return {PatternForm::Kind::regex, fmt::format(R"({}\A{}\z)", flags(cased), regex_of(parts))};
  if (parts.empty()) return {PatternForm::Kind::equals, {}};
  const bool before = is_run(parts.front());
  const bool after = is_run(parts.back());
  if (parts.size() == 1 && before) return {PatternForm::Kind::any, {}};
  const auto text = [&](std::size_t at) { return std::get<std::string>(parts[at]); };
  if (parts.size() == 1) return {PatternForm::Kind::equals, text(0)};
  if (parts.size() == 2)
    return before ? PatternForm{PatternForm::Kind::ends_with, text(1)}
                  : PatternForm{PatternForm::Kind::starts_with, text(0)};
  if (parts.size() == 3 && before && after) return {PatternForm::Kind::contains, text(1)};
  return {PatternForm::Kind::glob, glob_of(parts)};
}

std::string regex_within(const StringPattern& pattern, bool cased) {
  std::span<const StringPattern::Part> parts = pattern.parts();
  if (!parts.empty() && is_run(parts.front())) parts = parts.subspan(1);
  if (!parts.empty() && is_run(parts.back())) parts = parts.first(parts.size() - 1);
  return fmt::format("{}{}", flags(cased), regex_of(parts));
}

}  // namespace sightline::detect::sigma
