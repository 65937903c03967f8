// One event, and a batch of them with the memory they live in.
#pragma once

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "event/field.h"

namespace sightline {

using EventId = std::array<std::uint8_t, 16>;  // text form: 32 lower-case hexadecimal digits

// A value of a schema field. `integer` holds integer, boolean (0, 1) and time (ms) values; `text` holds text.
struct FieldValue {
  FieldId field;
  std::int64_t integer = 0;
  std::string_view text;
};

// A value whose path no schema names. Numbers carry their canonical decimal (event/decimal.h) in `text`; JSON true and
// false are the texts "true" and "false"; JSON null is no attribute at all.
struct Attribute {
  enum class Kind : std::uint8_t { text, number };
  std::string_view path;  // dotted; array indices are left out, so elements of an array share one path
  Kind kind = Kind::text;
  std::string_view text;
};

// A flat record. Absent means null. A field or path that occurs several times is a list, in order.
// Text is arbitrary bytes (invalid UTF-8 and NUL included), and every view points into the arena of the batch.
// id, event_time and received_time are members, not entries of fields().
class Event {
 public:
  explicit Event(std::pmr::memory_resource* memory) : fields_(memory), attributes_(memory) {}

  EventId id{};                       // set by the server before commit
  std::int64_t event_time_ms = 0;     // every decoder sets it
  std::int64_t received_time_ms = 0;  // set by the server before commit
  std::string_view original;          // the exact bytes the event came from; audit: its lines in arrival order

  // Appends a value. The caller has put `text` into the arena of the batch.
  void add_text(FieldId field, std::string_view text) { fields_.push_back({field, 0, text}); }
  void add_integer(FieldId field, std::int64_t value) { fields_.push_back({field, value, {}}); }
  void add_boolean(FieldId field, bool value) { fields_.push_back({field, value ? 1 : 0, {}}); }
  void add_attribute(std::string_view path, Attribute::Kind kind, std::string_view text) {
    attributes_.push_back({path, kind, text});
  }

  // The first value of a field, or nullptr where it is null. Not for id, event_time and received_time.
  const FieldValue* find(FieldId field) const;
  // The first value's text, or nullopt.
  std::optional<std::string_view> text(FieldId field) const;
  std::optional<std::int64_t> integer(FieldId field) const;

  const std::pmr::vector<FieldValue>& fields() const { return fields_; }
  const std::pmr::vector<Attribute>& attributes() const { return attributes_; }
  std::pmr::vector<FieldValue>& fields() { return fields_; }
  std::pmr::vector<Attribute>& attributes() { return attributes_; }

 private:
  std::pmr::vector<FieldValue> fields_;
  std::pmr::vector<Attribute> attributes_;
};

// Events and the arena their bytes live in. Movable, not copyable; not thread-safe.
class EventBatch {
 public:
  EventBatch() = default;
  EventBatch(EventBatch&&) noexcept = default;
  EventBatch& operator=(EventBatch&& other) noexcept {
    if (this == &other) return *this;
    events_ = std::move(other.events_);  // first: the old events give memory back to the old arena
    arena_ = std::move(other.arena_);
    return *this;
  }

  Event& add() { return events_.emplace_back(arena_.resource()); }
  Arena& arena() { return arena_; }
  std::vector<Event>& events() { return events_; }
  const std::vector<Event>& events() const { return events_; }
  bool empty() const { return events_.empty(); }
  std::size_t size() const { return events_.size(); }

 private:
  Arena arena_{64 * 1024};  // declared first: outlives the events
  std::vector<Event> events_;
};

// The identity of a batch: who sent it and where it stands in that sender's stream.
struct BatchKey {
  std::string principal;  // the credential it came with
  std::string source;     // the sender's name for its stream
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;

  bool operator==(const BatchKey&) const = default;
};

// 96 bits of SHA-256(principal, source, epoch, sequence).
using BatchId = std::array<std::uint8_t, 12>;
BatchId make_batch_id(const BatchKey& key);

// The id of the batch, then the position in it, most significant byte first.
EventId make_event_id(const BatchId& batch, std::uint32_t index);
EventId make_event_id(const BatchKey& key, std::uint64_t index);
BatchId batch_of(const EventId& id);
std::uint32_t index_of(const EventId& id);
std::string to_string(const EventId& id);
std::optional<EventId> parse_event_id(std::string_view text);

}  // namespace sightline
