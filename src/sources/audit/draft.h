// An event under construction. Kept by the decoder and reused, so that growing costs nothing; the finished event gets
// exactly the memory it needs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "sources/audit/keys.h"
#include "sources/audit/record.h"
#include "sources/decoder.h"

namespace sightline::audit {

class EventDraft {
 public:
  // Texts given to the draft live in `arena`, or have static storage.
  void reset(Arena& arena);
  Arena& arena() { return *arena_; }

  bool has(FieldId field) const { return first_[static_cast<std::size_t>(field)] != 0; }
  std::optional<std::string_view> text(FieldId field) const {
    const FieldValue* value = find(field);
    return value == nullptr ? std::nullopt : std::optional(value->text);
  }
  std::optional<std::int64_t> integer(FieldId field) const {
    const FieldValue* value = find(field);
    return value == nullptr ? std::nullopt : std::optional(value->integer);
  }

  // The value of a field that has one value. The first stays; false where it already has a different one.
  bool set_text(FieldId field, std::string_view value);
  bool set_integer(FieldId field, std::int64_t value);
  bool set_boolean(FieldId field, bool value) { return set_integer(field, value ? 1 : 0); }
  // One more value of a list.
  void add_text(FieldId field, std::string_view value) { add({field, 0, value}); }

  void add_attribute(std::string_view path, Attribute::Kind kind, std::string_view value) {
    if (attributes_.size() < sources::kMaxAttributes) attributes_.push_back({path, kind, value});
  }
  // An attribute by what its value looks like: canonical decimals are numbers, unless quoted or hexadecimal.
  void add_attribute(std::string_view path, const Field& field, Encoding encoding);
  // Under "audit.KEY": the schema means something else by KEY, or already has another value there.
  void add_native_attribute(std::string_view key, std::string_view value);
  // The field's type does not take this value.
  void add_malformed(FieldId field, std::string_view value);

  void move_into(Event& event);

 private:
  // nullptr: absent.
  const FieldValue* find(FieldId field) const {
    const std::uint32_t place = first_[static_cast<std::size_t>(field)];
    return place == 0 ? nullptr : &fields_[place - 1];
  }
  void add(const FieldValue& value) {
    fields_.push_back(value);
    std::uint32_t& place = first_[static_cast<std::size_t>(value.field)];
    if (place == 0) place = static_cast<std::uint32_t>(fields_.size());
  }

  Arena* arena_ = nullptr;
  std::array<std::uint32_t, kFieldCount> first_{};  // of each field: its place in fields_, from 1; 0: absent
  std::vector<FieldValue> fields_;
  std::vector<Attribute> attributes_;
};

}  // namespace sightline::audit
