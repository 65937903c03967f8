#include "sources/audit/record.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <algorithm>
#include <bit>
#include <cstring>

namespace sightline::audit {

namespace {

constexpr char kEnrichedSeparator = '\x1d';
constexpr std::size_t kMaxPrefix = 256;
// The last second of 2262 that fits 64 bits of nanoseconds: what every consumer of times can hold.
constexpr std::uint64_t kMaxSeconds = 9'223'372'036;
constexpr std::uint64_t kMaxSerial = 9'223'372'036'854'775'807;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads the head from left to right and remembers where it failed.
class HeadReader {
 public:
  explicit HeadReader(std::string_view line) : line_(line) {}

  bool literal(std::string_view text, const char* expected) {
    if (line_.substr(at_, text.size()) != text) return fail(expected);
    at_ += text.size();
    return true;
  }

  bool skip(std::string_view text) {
    if (line_.substr(at_, text.size()) != text) return false;
    at_ += text.size();
    return true;
  }

  // Up to a blank, which is taken too.
  bool word(std::string_view& out, const char* expected) {
    const std::size_t end = line_.find(' ', at_);
    if (end == std::string_view::npos || end == at_) return fail(expected);
    out = line_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }

  bool number(std::uint64_t& out, std::uint64_t maximum, const char* expected) {
    const std::size_t start = at_;
    std::uint64_t value = 0;
    bool fits = true;
    while (at_ < line_.size() && is_digit(line_[at_])) {
      fits = fits && value <= kMaxSerial / 10;  // else one more digit passes every maximum there is
      if (fits) value = value * 10 + static_cast<std::uint64_t>(line_[at_] - '0');
      ++at_;
    }
    out = value;
    if (fits && at_ > start && value <= maximum) return true;
    at_ = start;
    return fail(expected);
  }

  bool millis(std::uint64_t& out) {
    constexpr std::size_t kDigits = 3;
    const std::string_view digits = line_.substr(at_, kDigits);
    if (digits.size() < kDigits || !std::ranges::all_of(digits, is_digit)) return fail("three digits of milliseconds");
    out = 0;
    for (const char digit : digits) out = out * 10 + static_cast<std::uint64_t>(digit - '0');
    at_ += kDigits;
    return true;
  }

  bool fail(const char* expected) {
    error_ = {at_ + 1, expected};
    return false;
  }

  std::size_t at() const { return at_; }
  void move_to(std::size_t at) { at_ = at; }
  const HeadError& error() const { return error_; }

 private:
  std::string_view line_;
  std::size_t at_ = 0;
  HeadError error_;
};

// Where the record starts: 0, or after what a log forwarder has put before it.
std::size_t find_start(std::string_view line) {
  if (line.starts_with("type=") || line.starts_with("node=")) return 0;
  const std::string_view front = line.substr(0, kMaxPrefix);
  const std::size_t node = front.find(" node=");
  const std::size_t type = front.find(" type=");
  const std::size_t start = std::min(node, type);
  return start == std::string_view::npos ? 0 : start + 1;
}

bool read_head(HeadReader& reader, RecordHead& head) {
  if (reader.skip("node=") && !reader.word(head.node, "a host name and a blank")) return false;
  if (!reader.literal("type=", "type=")) return false;
  if (!reader.word(head.type_name, "a record type and a blank")) return false;
  reader.skip("msg=");
  if (!reader.literal("audit(", "msg=audit(")) return false;
  std::uint64_t seconds = 0;
  std::uint64_t millis = 0;
  if (!reader.number(seconds, kMaxSeconds, "seconds since 1970, before the year 2262")) return false;
  if (!reader.literal(".", "a point after the seconds")) return false;
  if (!reader.millis(millis)) return false;
  if (!reader.literal(":", "a colon after the milliseconds")) return false;
  if (!reader.number(head.serial, kMaxSerial, "the serial number of the event")) return false;
  if (!reader.literal(")", "a closing parenthesis after the serial number")) return false;
  reader.skip(":");
  head.time_ms = static_cast<std::int64_t>(seconds * 1000 + millis);
  head.body_offset = reader.at();
  return true;
}

bool is_separator(char c) { return c == ' ' || c == kEnrichedSeparator; }

template <bool kEquals>
bool ends_token(char c) {
  return is_separator(c) || (kEquals && c == '=');
}

constexpr std::size_t kBlock = 16;

// Bit i: whether bytes[i] is a separator or, where `kEquals`, an equals sign. `bytes` are kBlock.
template <bool kEquals>
unsigned find_ends(const char* bytes) {
#ifdef __SSE2__
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const auto where = [&](char c) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(c)); };
  __m128i found = _mm_or_si128(where(' '), where(kEnrichedSeparator));
  if constexpr (kEquals) found = _mm_or_si128(found, where('='));
  return static_cast<unsigned>(_mm_movemask_epi8(found));
#else
  unsigned found = 0;
  for (std::size_t i = 0; i < kBlock; ++i) found |= unsigned{ends_token<kEquals>(bytes[i])} << i;
  return found;
#endif
}

// The first such byte in [at, end); `end` where there is none. Most of reading a record is this search, mostly over a
// few bytes, which is why it takes them all at once.
template <bool kEquals>
const char* find_token_end(const char* at, const char* end) {
  for (; static_cast<std::size_t>(end - at) >= kBlock; at += kBlock) {
    const unsigned found = find_ends<kEquals>(at);
    if (found != 0) return at + std::countr_zero(found);
  }
  while (at < end && !ends_token<kEquals>(*at)) ++at;
  return at;
}

class BodyReader {
 public:
  BodyReader(std::string_view body, std::vector<Field>& fields, Body& facts)
      : begin_(body.data()), at_(body.data()), end_(body.data() + body.size()), fields_(fields), facts_(facts) {}

  void read_all(std::string_view& text) {
    const std::size_t first_field = fields_.size();
    while (at_ < end_) {
      if (is_separator(*at_)) {
        if (*at_ == kEnrichedSeparator) enriched_ = true;
        ++at_;
        continue;
      }
      if (fields_.size() >= kMaxFields) {
        facts_.cut = true;
        return;
      }
      const char* token = at_;
      if (!read_token() && fields_.size() == first_field) text = {begin_, static_cast<std::size_t>(at_ - begin_)};
      if (at_ == token) ++at_;
    }
  }

 private:
  // A word (false) or a field (true).
  bool read_token() {
    const char* start = at_;
    at_ = find_token_end<true>(at_, end_);
    if (at_ == end_ || *at_ != '=' || at_ == start) return skip_word();
    std::string_view key(start, static_cast<std::size_t>(at_ - start));
    ++at_;
    if (key.front() == '(' && key.size() > 1) {
      key.remove_prefix(1);
      in_parentheses_ = true;
    }
    const char opening = at_ < end_ ? *at_ : ' ';
    if (opening == '"') {
      read_quoted(key);
    } else if (opening == '\'' && !in_message_) {
      read_message();
    } else if (opening == '{') {
      read_braces(key);
    } else {
      read_plain(key);
    }
    return true;
  }

  bool skip_word() {
    at_ = find_token_end<false>(at_, end_);
    return false;
  }

  void read_quoted(std::string_view key) {
    ++at_;
    const auto rest = static_cast<std::size_t>(end_ - at_);
    const auto* close = static_cast<const char*>(std::memchr(at_, '"', rest));
    if (close == nullptr) {
      facts_.cut = true;
      close = end_;
    }
    add(key, {at_, static_cast<std::size_t>(close - at_)}, true);
    at_ = close;
    skip_word();  // the quote, and what wrongly follows it
  }

  // msg='…': the program's own fields. The last quote before the enriched part closes it.
  void read_message() {
    ++at_;
    const auto rest = static_cast<std::size_t>(end_ - at_);
    const auto* stop = static_cast<const char*>(std::memchr(at_, kEnrichedSeparator, rest));
    if (stop == nullptr) stop = end_;
    const auto* close = static_cast<const char*>(memrchr(at_, '\'', static_cast<std::size_t>(stop - at_)));
    if (close == nullptr) {
      facts_.cut = true;
      close = stop;
    }
    BodyReader inner({at_, static_cast<std::size_t>(close - at_)}, fields_, facts_);
    inner.enriched_ = enriched_;
    inner.in_message_ = true;
    inner.read_all(facts_.message_text);
    at_ = close < stop ? close + 1 : close;
  }

  void read_braces(std::string_view key) {
    const auto rest = static_cast<std::size_t>(end_ - at_);
    const auto* close = braces_close_ ? static_cast<const char*>(std::memchr(at_, '}', rest)) : nullptr;
    if (close == nullptr) {
      braces_close_ = false;  // searched to the end once, never again: the cost stays linear
      return read_plain(key);
    }
    ++at_;
    add(key, {at_, static_cast<std::size_t>(close - at_)}, false);
    at_ = close + 1;
  }

  void read_plain(std::string_view key) {
    const char* start = at_;
    skip_word();
    std::string_view value(start, static_cast<std::size_t>(at_ - start));
    // Old records: (hostname=?, addr=?, terminal=cron res=success)
    if (in_parentheses_ && value.ends_with(')') && !value.starts_with('(')) {
      value.remove_suffix(1);
      in_parentheses_ = false;
    }
    if (value.ends_with(',') || value.ends_with('"')) value.remove_suffix(1);  // never part of an unquoted value
    add(key, value, false);
  }

  void add(std::string_view key, std::string_view value, bool quoted) {
    const bool readable = static_cast<std::size_t>(end_ - key.data()) >= kReadableKeySize;
    fields_.emplace_back(readable ? find_readable_key(key) : find_key(key), key, value, quoted, enriched_);
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::vector<Field>& fields_;
  Body& facts_;
  bool enriched_ = false;
  bool in_message_ = false;
  bool in_parentheses_ = false;
  bool braces_close_ = true;
};

}  // namespace

std::expected<RecordHead, HeadError> parse_head(std::string_view line) {
  HeadReader reader(line);
  reader.move_to(find_start(line));
  RecordHead head;
  if (!read_head(reader, head)) return std::unexpected(reader.error());
  head.type = find_record_type(head.type_name);
  return head;
}

Body parse_body(std::string_view body, std::vector<Field>& fields) {
  Body facts;
  BodyReader(body, fields, facts).read_all(facts.text);
  return facts;
}

}  // namespace sightline::audit
