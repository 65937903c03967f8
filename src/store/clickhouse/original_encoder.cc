#include "store/clickhouse/original_encoder.h"

#include <algorithm>
#include <charconv>

#include "store/clickhouse/json_scanner.h"

namespace sightline::store::clickhouse {
namespace {

constexpr std::size_t kMaxShapesOfLayout = 8;  // null values and empty containers leave no trace in a layout

bool take(std::string_view& rest, std::string_view prefix) {
  if (!rest.starts_with(prefix)) return false;
  rest.remove_prefix(prefix.size());
  return true;
}

bool take_integer(std::string_view& rest, std::int64_t value) {
  char digits[24];
  const auto [end, error] = std::to_chars(std::begin(digits), std::end(digits), value);
  return take(rest, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

bool take_string(std::string_view& rest, std::string_view text) {
  if (!is_plain_json_text(text)) return take(rest, escape_json_text(text));
  if (rest.size() < text.size() + 2 || rest.front() != '"' || rest[text.size() + 1] != '"') return false;
  if (rest.substr(1, text.size()) != text) return false;
  rest.remove_prefix(text.size() + 2);
  return true;
}

// How the value behind `source` is written in `token`; literal where it is not.
ValueForm form_of(const ValueSource& source, const Event& event, const ValueFinder& values, std::string_view token) {
  const std::optional<ValuePlace> place = values.find(source);
  const bool quoted = token.front() == '"';
  if (place) {
    const SourceValue value = value_at(event, *place);
    std::string_view rest = token;
    if (value.integer) {
      if (!quoted && take_integer(rest, *value.integer) && rest.empty()) return ValueForm::bare;
    } else if (quoted) {
      if (take_string(rest, value.text) && rest.empty()) return ValueForm::text;
    } else if (token == value.text) {
      return ValueForm::bare;
    }
  }
  if (quoted && token == event_time_token(event.event_time_ms)) return ValueForm::event_time;
  return ValueForm::literal;
}

std::size_t memory_of(const Shape& shape) {
  constexpr std::size_t kNodeBytes = 128;  // of the table, and what the allocator adds
  std::size_t bytes = sizeof(Shape) + kNodeBytes + shape.text.size() + shape.pieces.size() * sizeof(std::string_view);
  for (const ValueSource& source : shape.sources) bytes += sizeof(ValueSource) + source.path.size();
  return bytes;
}

}  // namespace

bool OriginalEncoder::begin_batch() {
  if (shapes_.size() < limits_.max_shapes / 2 && shapes_bytes_ < limits_.max_shapes_bytes / 2) return false;
  shapes_.clear();
  shapes_bytes_ = 0;
  return true;
}

std::optional<ShapedOriginal> OriginalEncoder::encode(const Event& event, EventLayout& layout) {
  if (event.original.empty() || event.original.front() != '{') {
    ++statistics_.not_shapeable;
    return std::nullopt;
  }
  for (const ShapePlan& plan : layout.shapes) {
    if (!matches(plan, event)) continue;
    ++statistics_.shaped;
    return ShapedOriginal{plan.shape->text, literals_};
  }
  if (!layout.is_kept || shapes_.size() >= limits_.max_shapes || shapes_bytes_ >= limits_.max_shapes_bytes) {
    ++statistics_.over_limit;
    return std::nullopt;
  }
  const Shape* shape = learn(event);
  std::optional<ShapePlan> plan = shape != nullptr ? make_plan(*shape, event) : std::nullopt;
  if (!plan || !matches(*plan, event)) {
    ++statistics_.not_shapeable;
    return std::nullopt;
  }
  if (layout.shapes.size() < kMaxShapesOfLayout) {
    shapes_bytes_ += sizeof(ShapePlan) + plan->places.size() * sizeof(ValuePlace);
    layout.shapes.push_back(std::move(*plan));
  }
  ++statistics_.shaped;
  return ShapedOriginal{shape->text, literals_};
}

// Compares the original with what the plan would rebuild; collects the literals.
bool OriginalEncoder::matches(const ShapePlan& plan, const Event& event) {
  literals_.clear();
  std::string_view rest = event.original;
  const Shape& shape = *plan.shape;
  for (std::size_t i = 0; i < shape.sources.size(); ++i) {
    if (!take(rest, shape.pieces[i]) || !match_value(shape.sources[i], plan.places[i], event, rest)) return false;
  }
  return rest == shape.pieces.back();
}

bool OriginalEncoder::match_value(const ValueSource& source, const ValuePlace& place, const Event& event,
                                  std::string_view& rest) {
  if (source.form == ValueForm::literal) {
    const std::size_t end = scalar_end(rest, 0);
    if (end == std::string_view::npos) return false;
    literals_.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
    return true;
  }
  if (source.form == ValueForm::event_time) {
    if (token_time_ms_ != event.event_time_ms) {
      token_time_ms_ = event.event_time_ms;
      time_token_ = event_time_token(event.event_time_ms);
    }
    return !time_token_.empty() && take(rest, time_token_);
  }
  const SourceValue value = value_at(event, place);
  if (value.integer) return source.form == ValueForm::bare && take_integer(rest, *value.integer);
  return source.form == ValueForm::bare ? take(rest, value.text) : take_string(rest, value.text);
}

// The shape of this event's original; nullptr where it has none.
const Shape* OriginalEncoder::learn(const Event& event) {
  std::string text;
  SourceFinder finder;
  JsonScanner scanner(event.original);
  JsonScanner::Scalar scalar;
  const ValueFinder values(event);
  std::size_t copied = 0;
  std::size_t count = 0;
  while (scanner.next(scalar)) {
    const std::string_view token = event.original.substr(scalar.begin, scalar.end - scalar.begin);
    if (static_cast<unsigned char>(token.front()) < 0x20) return nullptr;  // would read as a marker
    if (token == "null") continue;
    if (++count > kMaxShapeValues) return nullptr;
    const ValueSource source = finder.next(scalar.path);
    if (token == "true" || token == "false") continue;
    text += event.original.substr(copied, scalar.begin - copied);
    text += static_cast<char>(form_of(source, event, values, token));
    copied = scalar.end;
  }
  if (scanner.failed()) return nullptr;
  text += event.original.substr(copied);
  if (const auto found = shapes_.find(text); found != shapes_.end()) return found->second.get();
  std::unique_ptr<Shape> shape = parse_shape(text);
  if (shape == nullptr) return nullptr;
  shapes_bytes_ += memory_of(*shape);
  const std::string_view key = shape->text;
  return shapes_.emplace(key, std::move(shape)).first->second.get();
}

std::optional<ShapePlan> OriginalEncoder::make_plan(const Shape& shape, const Event& event) {
  ShapePlan plan{.shape = &shape, .places = {}};
  const ValueFinder values(event);
  for (const ValueSource& source : shape.sources) {
    const bool in_event = source.form == ValueForm::text || source.form == ValueForm::bare;
    const std::optional<ValuePlace> place = in_event ? values.find(source) : ValuePlace{};
    if (!place) return std::nullopt;
    plan.places.push_back(*place);
  }
  return plan;
}

}  // namespace sightline::store::clickhouse
