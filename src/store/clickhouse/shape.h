// Keeps the original bytes of a JSON event without storing its values twice: the text with its values cut out (the
// shape, of which there are few) and the event's own fields and attributes give the bytes back.
//
// A shape is the JSON text with one of these bytes in place of a value; valid JSON holds none of them:
//   0x01  the value of that path as a JSON string with the shortest escapes
//   0x02  the value of that path, bare
//   0x03  event_time as "YYYY-MM-DDThh:mm:ssZ"
//   0x04  the next of the event's literals: a value's bytes as they were written
// true, false and null stay in the shape. The n-th value at a path is the n-th of its field; of its attribute where the
// event has no value of that field: the path had no field yet when the event was stored, or its value did not fit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "event/event.h"

namespace sightline::store::clickhouse {

enum class ValueForm : char { text = 1, bare = 2, event_time = 3, literal = 4 };

struct ValueSource {
  ValueForm form = ValueForm::literal;
  const FieldInfo* field = nullptr;  // of that name; nullptr where there is none
  std::string path;
  std::uint32_t occurrence = 0;
};

// Taken apart: pieces[0] sources[0] pieces[1] sources[1] … pieces[n].
struct Shape {
  std::string text;
  std::vector<std::string_view> pieces;  // of `text`
  std::vector<ValueSource> sources;
};

// An original with more values is kept as bytes.
inline constexpr std::size_t kMaxShapeValues = 8'192;

// nullptr where the text is no shape.
std::unique_ptr<Shape> parse_shape(std::string_view text);

// The original of an event whose fields and attributes are complete; nullopt where they do not fit the shape.
std::optional<std::string> rebuild_original(const Shape& shape, const Event& event,
                                            std::span<const std::string_view> literals);

// ---- what the encoder shares

// Tells which value a path means, in the order of the text.
class SourceFinder {
 public:
  ValueSource next(std::string_view path);

 private:
  std::unordered_map<std::string, std::uint32_t> counts_;
};

// Where the value of a source stands in an event; the same in all events of one layout (event_layout.h).
struct ValuePlace {
  bool is_attribute = false;
  std::uint32_t position = 0;  // in event.attributes() or event.fields()
};

// Finds the values of one event, which outlives it, in constant time however many there are.
class ValueFinder {
 public:
  explicit ValueFinder(const Event& event);
  // nullopt where the event has no such value.
  std::optional<ValuePlace> find(const ValueSource& source) const;

 private:
  using Positions = std::vector<std::uint32_t>;
  const Event& event_;
  // Empty where the event has so few values that looking through them is cheaper.
  std::unordered_map<FieldId, Positions> fields_;
  std::unordered_map<std::string_view, Positions> attributes_;
  bool indexed_ = false;
};

// A value's bytes, or, where it is one, the integer.
struct SourceValue {
  std::string_view text;
  std::optional<std::int64_t> integer;
};
SourceValue value_at(const Event& event, const ValuePlace& place);

// True where `text` as a JSON string needs no escapes.
bool is_plain_json_text(std::string_view text);
std::string escape_json_text(std::string_view text);

// The quoted event time, or "" where it is no whole second of the years 0000 to 9999.
std::string event_time_token(std::int64_t time_ms);

}  // namespace sightline::store::clickhouse
