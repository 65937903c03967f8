#include "query/pattern_run.h"

#include <optional>

namespace sightline::query {
namespace {

using Bytes = std::bitset<256>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Reads as much of a pattern as is needed to be sure; what it does not know, such as flags, says nothing.
class RunReader {
 public:
  explicit RunReader(std::string_view pattern) : pattern_(pattern) {}

  ByteRun read() {
    ByteRun longest;
    while (at_ < pattern_.size()) {
      const std::optional<Bytes> bytes = read_item();
      const std::size_t times = read_repetition();
      if (!known_) return {};
      if (bytes && times > longest.size) longest = {*bytes, times};
    }
    return longest;
  }

 private:
  bool next_is(std::string_view text) const { return at_ < pattern_.size() && pattern_.substr(at_).starts_with(text); }

  // The bytes of what it matches, each time; nullopt where that is not one character of a set.
  std::optional<Bytes> read_item() {
    if (next_is("[")) return read_set();
    if (next_is("|") || next_is(")")) known_ = false;
    if (next_is("(")) {
      skip_group();
    } else if (next_is("\\")) {
      skip_escape();
    } else {
      const bool any = next_is(".");
      ++at_;
      if (any) return Bytes().set();
    }
    return std::nullopt;
  }

  // Of letters and digits, those that stand for one character or place by themselves.
  void skip_escape() {
    const char c = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : 'Q';
    if (is_alphanumeric(c) && !std::string_view("wWdDsSbBnrt").contains(c)) known_ = false;
    at_ += 2;
  }

  void skip_group() {
    std::size_t depth = 0;
    while (at_ < pattern_.size() && known_) {
      if (next_is("(?") && !next_is("(?:")) known_ = false;
      if (next_is("[")) {
        read_set();
      } else if (next_is("\\")) {
        skip_escape();
      } else {
        if (next_is("(")) ++depth;
        const bool closes = next_is(")");
        ++at_;
        if (closes && --depth == 0) return;
      }
    }
    known_ = false;
  }

  std::optional<Bytes> read_set() {
    Bytes bytes;
    bool simple = true;
    ++at_;
    const bool others = next_is("^");
    if (others) ++at_;
    for (bool first = true; at_ < pattern_.size(); first = false) {
      if (next_is("]") && !first) {
        ++at_;
        if (!simple) return std::nullopt;
        return others ? ~bytes : bytes;
      }
      simple = read_range(bytes) && simple;
      if (!known_) break;
    }
    known_ = false;
    return std::nullopt;
  }

  // False where it is more than ASCII characters; what follows is read all the same.
  bool read_range(Bytes& bytes) {
    if (next_is("[:")) known_ = false;
    const std::optional<unsigned char> low = read_character();
    std::optional<unsigned char> high = low;
    if (next_is("-") && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']') {
      ++at_;
      high = read_character();
    }
    if (!low || !high) return false;
    for (unsigned c = *low; c <= *high; ++c) bytes.set(c);
    return true;
  }

  std::optional<unsigned char> read_character() {
    const bool escaped = next_is("\\");
    if (escaped) ++at_;
    if (at_ >= pattern_.size()) return std::nullopt;
    const char c = pattern_[at_++];
    const bool itself = static_cast<unsigned char>(c) < 0x80 && !(escaped && is_alphanumeric(c));
    return itself ? std::optional(static_cast<unsigned char>(c)) : std::nullopt;
  }

  // The least number of times.
  std::size_t read_repetition() {
    std::size_t times = 1;
    if (next_is("*") || next_is("?") || next_is("+")) {
      times = next_is("+") ? 1 : 0;
      ++at_;
    } else if (next_is("{")) {
      times = read_count();
    } else {
      return times;
    }
    if (next_is("?")) ++at_;
    if (next_is("*") || next_is("+") || next_is("?") || next_is("{")) known_ = false;
    return times;
  }

  std::size_t read_count() {
    const std::size_t end = pattern_.find('}', at_);
    const std::string_view inside = pattern_.substr(at_ + 1, end == std::string_view::npos ? end : end - at_ - 1);
    std::size_t times = 0;
    std::size_t digits = 0;
    while (digits < inside.size() && digits < 4 && is_digit(inside[digits])) {
      times = times * 10 + static_cast<std::size_t>(inside[digits++] - '0');
    }
    const std::string_view more = inside.substr(digits);
    const bool repeats = end != std::string_view::npos && digits > 0 &&
                         (more.empty() || (more[0] == ',' && more.find_first_not_of("0123456789", 1) == more.npos));
    if (!repeats) known_ = false;
    at_ = repeats ? end + 1 : pattern_.size();
    return times;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  bool known_ = true;
};

}  // namespace

ByteRun necessary_run(std::string_view pattern) { return RunReader(pattern).read(); }

// A run covers a place whose number is a multiple of its size.
bool has_run(std::string_view value, const ByteRun& run) {
  if (run.size == 0) return true;
  const auto is_in = [&](std::size_t at) { return run.bytes[static_cast<unsigned char>(value[at])]; };
  for (std::size_t at = run.size - 1; at < value.size(); at += run.size) {
    if (!is_in(at)) continue;
    std::size_t begin = at;
    while (begin > at + 1 - run.size && is_in(begin - 1)) --begin;
    std::size_t end = at + 1;
    while (end < value.size() && end - begin < run.size && is_in(end)) ++end;
    if (end - begin >= run.size) return true;
  }
  return false;
}

}  // namespace sightline::query
