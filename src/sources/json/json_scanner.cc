#include "sources/json/json_scanner.h"

#include <array>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sightline::sources {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool ends_string_run(char c) { return c == '"' || c == '\\' || c == '\n'; }

// The first quote, backslash or line break at or behind `position`.
std::size_t find_string_special(std::string_view bytes, std::size_t position) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i newline = _mm_set1_epi8('\n');
  for (; position + 16 <= bytes.size(); position += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + position));
    const __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                                       _mm_cmpeq_epi8(block, newline));
    if (const int mask = _mm_movemask_epi8(found); mask != 0) {
      return position + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask)));
    }
  }
#endif
  while (position < bytes.size() && !ends_string_run(bytes[position])) ++position;
  return position;
}

constexpr std::array<bool, 256> kScalarBytes = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const unsigned char c : {'+', '-', '.'}) table[c] = true;
  return table;
}();

bool is_scalar(char c) { return kScalarBytes[static_cast<unsigned char>(c)]; }

}  // namespace

void JsonScanner::start(std::string_view list_key) {
  objects_.clear();
  state_ = State::value;
  list_key_ = list_key;
  key_.clear();
  last_ = '\0';
}

JsonScanner::Status JsonScanner::broken(std::string_view expected) {
  expected_ = expected;
  return Status::broken;
}

JsonScanner::Status JsonScanner::scan(std::string_view bytes, std::size_t& position) {
  while (position < bytes.size()) {
    if (state_ == State::string || state_ == State::escape) {
      if (const Status status = scan_string(bytes, position); status != Status::incomplete) return status;
      continue;
    }
    const char c = bytes[position];
    if (state_ != State::scalar && is_space(c)) {
      ++position;
      continue;
    }
    bool consumed = true;
    const Status status = step(c, consumed);
    if (status == Status::broken) return status;
    if (consumed) ++position;
    if (status != Status::incomplete) return status;
  }
  return Status::incomplete;
}

JsonScanner::Status JsonScanner::step(char c, bool& consumed) {
  switch (state_) {
    case State::value_or_end:
      return c == ']' ? end_container(false) : begin_value(c);
    case State::value:
      return begin_value(c);
    case State::key_or_end:
      return c == '}' ? end_container(true) : begin_key(c);
    case State::key:
      return begin_key(c);
    case State::colon:
      if (c != ':') return broken("expected ':' after a key");
      state_ = State::value;
      return Status::incomplete;
    case State::scalar:
      if (is_scalar(c)) return Status::incomplete;
      consumed = false;
      return end_value();
    case State::after_value:
      return after_value(c);
    case State::string:
    case State::escape:
      break;  // scan_string
  }
  return Status::incomplete;
}

JsonScanner::Status JsonScanner::begin_value(char c) {
  if (c == '{') return begin_container(true);
  if (c == '[') return begin_container(false);
  if (c == '"') {
    state_ = State::string;
    is_key_ = false;
    return Status::incomplete;
  }
  if (!is_scalar(c)) return broken("expected a value");
  state_ = State::scalar;
  return Status::incomplete;
}

JsonScanner::Status JsonScanner::begin_key(char c) {
  if (c != '"') return broken("expected a key in quotes");
  state_ = State::string;
  is_key_ = true;
  if (objects_.size() == 1) key_.clear();
  return Status::incomplete;
}

JsonScanner::Status JsonScanner::after_value(char c) {
  const bool in_object = objects_.back();
  if (c == ',') {
    state_ = in_object ? State::key : State::value;
    return Status::incomplete;
  }
  if (c == (in_object ? '}' : ']')) return end_container(in_object);
  return broken(in_object ? "expected ',' or '}' after a value" : "expected ',' or ']' after a value");
}

JsonScanner::Status JsonScanner::begin_container(bool object) {
  if (!object && !list_key_.empty() && objects_.size() == 1 && objects_.back() && key_ == list_key_) {
    state_ = State::after_value;
    return Status::list;
  }
  if (objects_.size() >= kMaxDepth) return broken("nested too deep");
  objects_.push_back(object);
  state_ = object ? State::key_or_end : State::value_or_end;
  return Status::incomplete;
}

JsonScanner::Status JsonScanner::end_container(bool object) {
  if (objects_.empty() || objects_.back() != object) return broken("expected matching brackets");
  objects_.pop_back();
  return end_value();
}

JsonScanner::Status JsonScanner::end_value() {
  state_ = State::after_value;
  return objects_.empty() ? Status::complete : Status::incomplete;
}

// Keeps the start of a key of the outermost object, which may arrive in parts.
void JsonScanner::note_key(std::string_view part) {
  if (!is_key_ || objects_.size() != 1 || key_.size() > list_key_.size()) return;
  key_.append(part.substr(0, list_key_.size() + 1 - key_.size()));
}

JsonScanner::Status JsonScanner::scan_string(std::string_view bytes, std::size_t& position) {
  if (state_ == State::escape) {
    if (bytes[position] != '\n') ++position;  // the line break is looked at below
    state_ = State::string;
    return Status::incomplete;
  }
  const std::size_t begin = position;
  position = find_string_special(bytes, position);
  note_key(bytes.substr(begin, position - begin));
  if (position == bytes.size()) return Status::incomplete;
  switch (bytes[position]) {
    case '\n':
      return broken("expected the closing quote of a string");
    case '\\':
      note_key("\\");
      ++position;
      state_ = State::escape;
      return Status::incomplete;
    default:
      ++position;
      if (!is_key_) return end_value();
      state_ = State::colon;
      return Status::incomplete;
  }
}

JsonScanner::Status JsonScanner::skip(std::string_view bytes, std::size_t& position) {
  is_key_ = false;
  while (position < bytes.size()) {
    if (state_ == State::string || state_ == State::escape) {
      // A string cannot be the end here: objects_ is not empty.
      if (scan_string(bytes, position) == Status::broken) return Status::broken;
      last_ = '"';
      continue;
    }
    const char c = bytes[position];
    Status status = Status::incomplete;
    if (c == '"') {
      state_ = State::string;
    } else if (c == '{' || c == '[') {
      if (c == '{' && last_ == '\n') return broken("expected the end of the object");
      if (objects_.size() >= kMaxDepth) return broken("nested too deep");
      objects_.push_back(c == '{');
    } else if (c == '}' || c == ']') {
      status = end_container(c == '}');
    }
    if (status == Status::broken) return status;
    last_ = c;
    ++position;
    if (status == Status::complete) return status;
  }
  return Status::incomplete;
}

}  // namespace sightline::sources
