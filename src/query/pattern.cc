#include "query/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include "event/utf8.h"
#include "query/diagnostic.h"
#include "query/utf8.h"

namespace sightline::query {
namespace {

// Of one compiled pattern with its caches. Enough for `.{1000}`; a rule set of thousands of patterns stays in bounds.
constexpr std::int64_t kMaxMemoryBytes = 4 << 20;

constexpr std::size_t kMaxGroupDepth = 100;  // engines take quadratic time to look into groups within groups

// Where the class ends that begins there.
std::size_t end_of_class(std::string_view pattern, std::size_t begin) {
  const std::size_t first = begin + (pattern.substr(begin).starts_with("[^") ? 2 : 1);  // a bracket here is itself
  for (std::size_t i = first; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
    } else if (pattern.substr(i).starts_with("[:")) {
      const std::size_t close = pattern.find(":]", i + 2);
      if (close != std::string_view::npos) i = close + 1;
    } else if (pattern[i] == ']' && i > first) {
      return i;
    }
  }
  return pattern.size();
}

// Where the first group begins that is too deep; npos: none.
std::size_t find_too_deep(std::string_view pattern) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (pattern.substr(i).starts_with("\\Q")) {  // everything until \E is itself
      const std::size_t end = pattern.find("\\E", i + 2);
      i = end == std::string_view::npos ? pattern.size() : end + 1;
    } else if (c == '\\') {
      ++i;
    } else if (c == '[') {
      i = end_of_class(pattern, i);
    } else if (c == '(') {
      if (++depth > kMaxGroupDepth) return i;
    } else if (c == ')' && depth > 0) {
      --depth;
    }
  }
  return std::string_view::npos;
}

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemoryBytes);
  return options;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

PatternMistake mistake_of(const RE2& regex, std::string_view pattern) {
  PatternMistake mistake{fmt::format("RE2 refuses the pattern: {}", excerpt(regex.error())), "", 0, pattern.size()};
  switch (regex.error_code()) {
    case RE2::ErrorPatternTooLarge:
      mistake.hint = "make counted repetitions such as {1000} smaller";
      return mistake;
    case RE2::ErrorRepeatSize:
      mistake.hint = "make counted repetitions such as {1000} smaller";
      break;
    case RE2::ErrorBadPerlOp:
    case RE2::ErrorRepeatOp:
      mistake.hint = "look-around and back references are not part of RE2; write \\* for an asterisk itself";
      break;
    case RE2::ErrorBadEscape:
      mistake.hint = "back references and some escapes are not part of RE2; write \\\\ for a backslash itself";
      break;
    default:
      break;
  }
  const std::size_t found = regex.error_arg().empty() ? std::string_view::npos : pattern.find(regex.error_arg());
  if (found != std::string_view::npos) {
    mistake.begin = found;
    mistake.end = found + regex.error_arg().size();
  }
  return mistake;
}

}  // namespace

struct Pattern::Program {
  explicit Program(std::string_view pattern) : regex(piece(pattern), options()) {}
  RE2 regex;
};

std::expected<Pattern, PatternMistake> Pattern::compile(std::string_view pattern) {
  if (const std::size_t nul = pattern.find('\0'); nul != std::string_view::npos) {
    return std::unexpected(PatternMistake{"a pattern cannot hold a NUL byte", "write \\x00", nul, nul + 1});
  }
  if (const std::size_t deep = find_too_deep(pattern); deep != std::string_view::npos) {
    return std::unexpected(PatternMistake{fmt::format("more than {} groups within each other", kMaxGroupDepth),
                                          "write (?:…) side by side, or nothing where a group groups nothing", deep,
                                          deep + 1});
  }
  auto program = std::make_shared<Program>(pattern);
  if (!program->regex.ok()) return std::unexpected(mistake_of(program->regex, pattern));
  return Pattern(std::move(program));
}

bool Pattern::matches(std::string_view value) const {
  if (is_valid_utf8(value)) return RE2::PartialMatch(piece(value), program_->regex);
  const std::string valid = to_valid_utf8(value);
  return RE2::PartialMatch(piece(valid), program_->regex);
}

}  // namespace sightline::query
