#include "store/clickhouse/shape.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "event/time.h"
#include "store/clickhouse/json_scanner.h"

namespace sightline::store::clickhouse {
namespace {

bool is_marker(char c) { return c >= '\1' && c <= '\4'; }

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// Not 0 where one of the eight bytes needs an escape.
std::uint64_t bytes_to_escape(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = kOnes * 0x80;
  const auto below = [&](std::uint64_t bytes, unsigned char limit) { return (bytes - kOnes * limit) & ~bytes; };
  return (below(word, 0x20) | below(word ^ kOnes * '"', 1) | below(word ^ kOnes * '\\', 1)) & kHighBits;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kShort = "\"\\\n\r\t\b\f";
  constexpr std::string_view kLetters = "\"\\nrtbf";
  out += '\\';
  if (const std::size_t at = kShort.find(c); at != std::string_view::npos) {
    out += kLetters[at];
    return;
  }
  out += "u00";
  out += kDigits[static_cast<unsigned char>(c) >> 4];
  out += kDigits[static_cast<unsigned char>(c) & 15];
}

std::optional<ValuePlace> look_through(const Event& event, const ValueSource& source) {
  std::uint32_t skip = source.occurrence;
  bool has_field = false;
  if (source.field != nullptr) {
    for (std::uint32_t i = 0; i < event.fields().size(); ++i) {
      if (event.fields()[i].field != source.field->id) continue;
      if (skip-- == 0) return ValuePlace{.is_attribute = false, .position = i};
      has_field = true;
    }
  }
  if (has_field) return std::nullopt;
  for (std::uint32_t i = 0; i < event.attributes().size(); ++i) {
    if (event.attributes()[i].path == source.path && skip-- == 0)
      return ValuePlace{.is_attribute = true, .position = i};
  }
  return std::nullopt;
}

std::optional<ValuePlace> nth(const std::vector<std::uint32_t>& positions, std::uint32_t n, bool is_attribute) {
  if (n >= positions.size()) return std::nullopt;
  return ValuePlace{.is_attribute = is_attribute, .position = positions[n]};
}

// A value as its JSON token, or nullopt where the event has none.
std::optional<std::string> token_of(const Event& event, const ValueFinder& values, const ValueSource& source) {
  if (source.form == ValueForm::event_time) return event_time_token(event.event_time_ms);
  const std::optional<ValuePlace> place = values.find(source);
  if (!place) return std::nullopt;
  const SourceValue value = value_at(event, *place);
  if (value.integer) return std::to_string(*value.integer);
  return source.form == ValueForm::bare ? std::string(value.text) : escape_json_text(value.text);
}

}  // namespace

ValueSource SourceFinder::next(std::string_view path) {
  ValueSource source;
  source.path = path;
  const FieldInfo* field = find_field(path);
  const bool is_member = field != nullptr && (field->type == FieldType::time || field->type == FieldType::event_id);
  if (!is_member) source.field = field;
  source.occurrence = counts_[source.path]++;
  return source;
}

ValueFinder::ValueFinder(const Event& event) : event_(event) {
  constexpr std::size_t kFew = 64;
  if (event.fields().size() + event.attributes().size() <= kFew) return;
  indexed_ = true;
  for (std::uint32_t i = 0; i < event.fields().size(); ++i) fields_[event.fields()[i].field].push_back(i);
  for (std::uint32_t i = 0; i < event.attributes().size(); ++i) attributes_[event.attributes()[i].path].push_back(i);
}

std::optional<ValuePlace> ValueFinder::find(const ValueSource& source) const {
  if (!indexed_) return look_through(event_, source);
  if (source.field != nullptr) {
    if (const auto found = fields_.find(source.field->id); found != fields_.end()) {
      return nth(found->second, source.occurrence, false);
    }
  }
  const auto found = attributes_.find(source.path);
  return found == attributes_.end() ? std::nullopt : nth(found->second, source.occurrence, true);
}

SourceValue value_at(const Event& event, const ValuePlace& place) {
  if (place.is_attribute) return {.text = event.attributes()[place.position].text, .integer = {}};
  const FieldValue& value = event.fields()[place.position];
  if (field_info(value.field).type == FieldType::text) return {.text = value.text, .integer = {}};
  return {.text = {}, .integer = value.integer};
}

bool is_plain_json_text(std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const auto load = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, kWord);
    return word;
  };
  if (text.size() < kWord) return std::ranges::none_of(text, needs_escape);
  std::uint64_t found = 0;
  for (std::size_t at = 0; at + kWord < text.size(); at += kWord) found |= bytes_to_escape(load(at));
  return (found | bytes_to_escape(load(text.size() - kWord))) == 0;
}

std::string escape_json_text(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  for (const char c : text) {
    if (needs_escape(c)) {
      append_escaped(out, c);
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

std::string event_time_token(std::int64_t time_ms) {
  constexpr std::string_view kZeroFraction = ".000Z";
  constexpr std::size_t kSize = std::string_view("2024-07-31T12:46:41.000Z").size();
  std::string text = format_iso8601(time_ms);
  if (text.size() != kSize || !text.ends_with(kZeroFraction)) return {};
  text.resize(kSize - kZeroFraction.size());
  return '"' + text + "Z\"";
}

std::unique_ptr<Shape> parse_shape(std::string_view text) {
  auto shape = std::make_unique<Shape>();
  shape->text = text;
  const std::string_view own = shape->text;
  SourceFinder finder;
  JsonScanner scanner(own);
  JsonScanner::Scalar scalar;
  std::size_t piece_begin = 0;
  while (scanner.next(scalar)) {
    const char first = own[scalar.begin];
    if (own.substr(scalar.begin, scalar.end - scalar.begin) == "null") continue;  // no value at all
    ValueSource source = finder.next(scalar.path);
    if (!is_marker(first)) continue;
    source.form = static_cast<ValueForm>(first);
    shape->pieces.push_back(own.substr(piece_begin, scalar.begin - piece_begin));
    shape->sources.push_back(std::move(source));
    piece_begin = scalar.end;
  }
  if (scanner.failed()) return nullptr;
  shape->pieces.push_back(own.substr(piece_begin));
  return shape;
}

std::optional<std::string> rebuild_original(const Shape& shape, const Event& event,
                                            std::span<const std::string_view> literals) {
  const ValueFinder values(event);
  std::string out;
  for (std::size_t i = 0; i < shape.sources.size(); ++i) {
    out += shape.pieces[i];
    if (shape.sources[i].form == ValueForm::literal) {
      if (literals.empty()) return std::nullopt;
      out += literals.front();
      literals = literals.subspan(1);
      continue;
    }
    const std::optional<std::string> token = token_of(event, values, shape.sources[i]);
    if (!token) return std::nullopt;
    out += *token;
  }
  if (!literals.empty()) return std::nullopt;
  return out += shape.pieces.back();
}

}  // namespace sightline::store::clickhouse
