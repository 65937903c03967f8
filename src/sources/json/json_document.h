// A walk over one parsed JSON object.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "event/event.h"
#include "sources/json/json_reader.h"
#include "sources/json/path_table.h"

namespace sightline::sources {

inline constexpr std::size_t kMaxKeys = std::size_t{16} * 1024;  // of one document

// `text` holds the document, followed by at least one more byte. `indexes` are the offsets of all structural
// characters ({ } [ ] : ,), of the first quote of each string and of the first byte of each other value, followed by
// text.size() once more. Strings are known to be closed and to contain no control characters.
class JsonDocument {
 public:
  JsonDocument(std::string_view text, std::span<const std::uint32_t> indexes, PathTable& paths, Event& event,
               EventBatch& batch)
      : text_(text),
        next_(indexes.data()),
        end_(indexes.data() + indexes.size() - 1),
        paths_(paths),
        event_(event),
        arena_(batch.arena()),
        has_escapes_(text.find('\\') != std::string_view::npos) {}

  // Reads the whole document, which must be one object, into the event.
  std::optional<JsonError> read();

 private:
  enum class Kind : std::uint8_t { string, number, boolean };
  struct Scalar {
    Kind kind;
    std::string_view text;  // of strings, the escapes resolved
  };
  struct TimeCandidate {
    PathTable::NodeId node;
    Scalar scalar;
    std::uint8_t rank;
  };

  bool read_object(PathTable::NodeId node, std::size_t depth);
  bool read_array(PathTable::NodeId node, std::size_t depth);
  bool read_value(PathTable::NodeId node, std::size_t depth);
  bool read_literal(PathTable::NodeId node);
  std::optional<std::string_view> read_string();
  std::string_view take_token();

  void add(PathTable::NodeId node, const Scalar& scalar);
  bool add_field(FieldId field, const Scalar& scalar);
  void add_attribute(PathTable::NodeId node, const Scalar& scalar);
  void add_time(PathTable::NodeId node, const Scalar& scalar);
  void settle_time();

  char peek() const { return next_ == end_ ? '\0' : text_[*next_]; }
  bool accept(char c);
  bool fail(std::string_view message);
  bool fail_at(std::size_t offset, std::string_view message);

  std::string_view text_;
  const std::uint32_t* next_;
  const std::uint32_t* end_;
  PathTable& paths_;
  Event& event_;
  Arena& arena_;
  bool has_escapes_;  // in any string
  std::size_t keys_ = 0;
  bool over_limit_ = false;
  std::optional<TimeCandidate> time_;
  std::optional<JsonError> error_;
};

}  // namespace sightline::sources
