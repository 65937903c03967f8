// An event under construction. Kept by the decoder and reused, so that growing costs nothing; the finished event gets
// exactly the memory it needs.
#pragma once

#include <bitset>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "sources/audit/keys.h"
#include "sources/audit/record.h"

namespace sightline::audit {

class EventDraft {
 public:
  // Texts given to the draft live in `arena`, or have static storage.
  void reset(Arena& arena);
  Arena& arena() { return *arena_; }

  bool has(FieldId field) const { return present_[static_cast<std::size_t>(field)]; }
  std::optional<std::string_view> text(FieldId field) const;
  std::optional<std::int64_t> integer(FieldId field) const;

  // The value of a field that has one value. The first stays; false where it already has a different one.
  bool set_text(FieldId field, std::string_view value);
  bool set_integer(FieldId field, std::int64_t value);
  bool set_boolean(FieldId field, bool value) { return set_integer(field, value ? 1 : 0); }
  // One more value of a list.
  void add_text(FieldId field, std::string_view value);

  void add_attribute(std::string_view path, Attribute::Kind kind, std::string_view value);
  // An attribute by what its value looks like: canonical decimals are numbers, unless quoted or hexadecimal.
  void add_attribute(std::string_view path, const Field& field, Encoding encoding);
  // Under "audit.KEY": the schema means something else by KEY, or already has another value there.
  void add_native_attribute(std::string_view key, std::string_view value);
  // The field's type does not take this value.
  void add_malformed(FieldId field, std::string_view value);

  void move_into(Event& event);

 private:
  const FieldValue* find(FieldId field) const;

  Arena* arena_ = nullptr;
  std::bitset<256> present_;
  std::vector<FieldValue> fields_;
  std::vector<Attribute> attributes_;
};

}  // namespace sightline::audit
