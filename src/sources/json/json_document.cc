#include "sources/json/json_document.h"

#include <charconv>

#include "event/decimal.h"
#include "sources/decoder.h"
#include "sources/json/json_string.h"
#include "sources/json/time_value.h"

namespace sightline::sources {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  return size;
}

// The grammar of JSON numbers.
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t integer = digits_size(text);
  if (integer == 0 || (integer > 1 && text.front() == '0')) return false;
  text.remove_prefix(integer);
  if (text.starts_with('.')) {
    const std::size_t fraction = digits_size(text.substr(1));
    if (fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    const std::size_t exponent = digits_size(text);
    if (exponent == 0) return false;
    text.remove_prefix(exponent);
  }
  return text.empty();
}

// Such a lexeme is its own canonical decimal.
bool is_canonical_integer(std::string_view text) {
  if (text == "0") return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.front() != '0' && text.size() < kMaxDecimalSize && digits_size(text) == text.size();
}

std::optional<std::int64_t> to_integer(std::string_view decimal) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(decimal.data(), decimal.data() + decimal.size(), value);
  if (error != std::errc() || end != decimal.data() + decimal.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> number_to_integer(std::string_view lexeme) {
  if (is_canonical_integer(lexeme)) return to_integer(lexeme);
  const std::optional<std::string> decimal = canonical_decimal(lexeme);
  return decimal ? to_integer(*decimal) : std::nullopt;
}

}  // namespace

bool JsonDocument::fail_at(std::size_t offset, std::string_view message) {
  error_ = JsonError{std::string(message), offset};
  return false;
}

bool JsonDocument::fail(std::string_view message) { return fail_at(next_ == end_ ? text_.size() : *next_, message); }

bool JsonDocument::accept(char c) {
  if (next_ == end_ || text_[*next_] != c) return false;
  ++next_;
  return true;
}

std::optional<JsonError> JsonDocument::read() {
  if (peek() != '{') {
    fail("expected a JSON object");
  } else if (read_object(PathTable::kRoot, 1) && next_ != end_) {
    fail("expected nothing more after the object");
  }
  if (error_) return error_;
  settle_time();
  if (over_limit_) add_malformed(event_, "attributes");
  return std::nullopt;
}

bool JsonDocument::read_object(PathTable::NodeId node, std::size_t depth) {
  if (depth > kMaxDepth) return fail("nested deeper than 64 levels");
  ++next_;
  if (accept('}')) return true;
  PathTable::NodeId previous = PathTable::kNone;
  do {
    if (peek() != '"') return fail("expected a key in quotes");
    const std::optional<std::string_view> key = read_string();
    if (!key) return false;
    PathTable::NodeId child = PathTable::kNone;
    if (node != PathTable::kNone && ++keys_ <= kMaxKeys) child = paths_.child(node, previous, *key);
    if (child == PathTable::kNone) over_limit_ = true;
    if (!accept(':')) return fail("expected ':' after a key");
    if (!read_value(child, depth)) return false;
    previous = child;
  } while (accept(','));
  return accept('}') || fail("expected ',' or '}' after a value");
}

bool JsonDocument::read_array(PathTable::NodeId node, std::size_t depth) {
  if (depth > kMaxDepth) return fail("nested deeper than 64 levels");
  ++next_;
  if (accept(']')) return true;
  do {
    if (!read_value(node, depth)) return false;
  } while (accept(','));
  return accept(']') || fail("expected ',' or ']' after a value");
}

// `depth` is that of the container. kNone stands for a path beyond a limit: the value is checked, not kept.
bool JsonDocument::read_value(PathTable::NodeId node, std::size_t depth) {
  switch (peek()) {
    case '{':
      return read_object(node, depth + 1);
    case '[':
      return read_array(node, depth + 1);
    case '"': {
      const std::optional<std::string_view> text = read_string();
      if (text && node != PathTable::kNone) add(node, {Kind::string, *text});
      return text.has_value();
    }
    default:
      return read_literal(node);
  }
}

bool JsonDocument::read_literal(PathTable::NodeId node) {
  if (next_ == end_) return fail("expected a value");
  const std::size_t offset = *next_;
  const std::string_view token = take_token();
  if (token == "null") return true;
  Kind kind = Kind::boolean;
  if (token != "true" && token != "false") {
    kind = Kind::number;
    if (!is_canonical_integer(token) && !is_number(token)) return fail_at(offset, "expected a value");
  }
  if (node != PathTable::kNone) add(node, {kind, token});
  return true;
}

// The bytes from the next index to the one after it, without the spaces at their end.
std::string_view JsonDocument::take_token() {
  const std::size_t begin = *next_++;
  std::size_t end = *next_;
  while (end > begin && is_space(text_[end - 1])) --end;
  return text_.substr(begin, end - begin);
}

std::optional<std::string_view> JsonDocument::read_string() {
  const std::size_t offset = *next_;
  std::string_view token = take_token();
  if (token.size() < 2 || token.back() != '"') {
    fail_at(offset, "expected a string");
    return std::nullopt;
  }
  token = token.substr(1, token.size() - 2);
  if (!has_escapes_ || token.find('\\') == std::string_view::npos) return token;
  char* bytes = arena_.allocate(token.size());
  const std::optional<std::size_t> size = unescape_json(token, bytes);
  if (!size) {
    fail_at(offset, "expected a valid escape in a string");
    return std::nullopt;
  }
  return std::string_view(bytes, *size);
}

void JsonDocument::add(PathTable::NodeId node, const Scalar& scalar) {
  if (event_.fields().size() + event_.attributes().size() >= kMaxAttributes) {
    over_limit_ = true;
    return;
  }
  const PathRule& rule = paths_.rule(node);
  switch (rule.kind) {
    case PathRule::Kind::time:
      add_time(node, scalar);
      return;
    case PathRule::Kind::field:
      if (add_field(rule.field, scalar)) return;
      add_malformed(event_, field_info(rule.field).name);
      event_.add_attribute(paths_.path_in(node, arena_), Attribute::Kind::text, scalar.text);
      return;
    case PathRule::Kind::attribute:
      add_attribute(node, scalar);
      return;
  }
}

// False where the value does not fit the field's type.
bool JsonDocument::add_field(FieldId field, const Scalar& scalar) {
  switch (field_info(field).type) {
    case FieldType::text:
      event_.add_text(field, scalar.text);
      return true;
    case FieldType::integer: {
      std::optional<std::int64_t> value;
      if (scalar.kind == Kind::number) value = number_to_integer(scalar.text);
      if (scalar.kind == Kind::string && is_canonical_integer(scalar.text)) value = to_integer(scalar.text);
      if (value) event_.add_integer(field, *value);
      return value.has_value();
    }
    case FieldType::boolean:
      if (scalar.kind == Kind::number || (scalar.text != "true" && scalar.text != "false")) return false;
      event_.add_boolean(field, scalar.text == "true");
      return true;
    case FieldType::time:
    case FieldType::event_id:
      return false;
  }
  return false;
}

void JsonDocument::add_attribute(PathTable::NodeId node, const Scalar& scalar) {
  auto kind = Attribute::Kind::text;
  std::string_view text = scalar.text;
  if (scalar.kind == Kind::number) {
    if (is_canonical_integer(text)) {
      kind = Attribute::Kind::number;
    } else if (const std::optional<std::string> decimal = canonical_decimal(text)) {
      kind = Attribute::Kind::number;
      text = arena_.copy(*decimal);
    }
  }
  event_.add_attribute(paths_.path_in(node, arena_), kind, text);
}

// Keeps the candidate that counts; one that does not is an attribute like any other.
void JsonDocument::add_time(PathTable::NodeId node, const Scalar& scalar) {
  const TimeCandidate candidate{node, scalar, paths_.rule(node).time_rank};
  if (time_ && time_->rank <= candidate.rank) {
    add_attribute(node, scalar);
    return;
  }
  if (time_) add_attribute(time_->node, time_->scalar);
  time_ = candidate;
}

void JsonDocument::settle_time() {
  if (!time_) return;
  if (const std::optional<std::int64_t> time_ms = parse_time_value(time_->scalar.text)) {
    event_.event_time_ms = *time_ms;
    if (paths_.rule(time_->node).time_kept) add_attribute(time_->node, time_->scalar);
    return;
  }
  event_.add_attribute(paths_.path_in(time_->node, arena_), Attribute::Kind::text, time_->scalar.text);
  add_malformed(event_, arena_.copy(paths_.path(time_->node)));
}

}  // namespace sightline::sources
