#include "sources/audit/draft.h"

#include <cstring>

#include "sources/audit/value.h"

namespace sightline::audit {

void EventDraft::reset(Arena& arena) {
  arena_ = &arena;
  first_.fill(0);
  fields_.clear();
  attributes_.clear();
}

bool EventDraft::set_text(FieldId field, std::string_view value) {
  if (const FieldValue* old = find(field)) return old->text == value;
  add_text(field, value);
  return true;
}

bool EventDraft::set_integer(FieldId field, std::int64_t value) {
  if (const FieldValue* old = find(field)) return old->integer == value;
  add({field, value, {}});
  return true;
}

void EventDraft::add_attribute(std::string_view path, const Field& field, Encoding encoding) {
  if (is_null(field)) return;
  if (encoding == Encoding::text) return add_attribute(path, Attribute::Kind::text, decode_text(field, *arena_));
  const bool number = encoding == Encoding::plain && !field.quoted && is_canonical_integer(field.value);
  add_attribute(path, number ? Attribute::Kind::number : Attribute::Kind::text, field.value);
}

void EventDraft::add_native_attribute(std::string_view key, std::string_view value) {
  constexpr std::string_view kPrefix = "audit.";
  char* path = arena_->allocate(kPrefix.size() + key.size());
  std::memcpy(path, kPrefix.data(), kPrefix.size());
  std::memcpy(path + kPrefix.size(), key.data(), key.size());
  add_attribute({path, kPrefix.size() + key.size()}, Attribute::Kind::text, value);
}

void EventDraft::add_malformed(FieldId field, std::string_view value) {
  if (attributes_.size() >= sources::kMaxAttributes) return;
  const std::string_view name = field_info(field).name;
  add_text(FieldId::malformed, name);
  add_attribute(name, Attribute::Kind::text, value);
}

void EventDraft::move_into(Event& event) {
  event.fields().assign(fields_.begin(), fields_.end());
  event.attributes().assign(attributes_.begin(), attributes_.end());
}

}  // namespace sightline::audit
