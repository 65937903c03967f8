#include "event/event.h"

#include <algorithm>

#include "base/hash.h"

namespace sightline {

const FieldValue* Event::find(FieldId field) const {
  const auto found = std::ranges::find(fields_, field, &FieldValue::field);
  return found == fields_.end() ? nullptr : &*found;
}

std::optional<std::string_view> Event::text(FieldId field) const {
  const FieldValue* value = find(field);
  return value == nullptr ? std::nullopt : std::optional(value->text);
}

std::optional<std::int64_t> Event::integer(FieldId field) const {
  const FieldValue* value = find(field);
  return value == nullptr ? std::nullopt : std::optional(value->integer);
}

EventId make_event_id(const BatchKey& key, std::uint64_t index) {
  const Sha256Digest digest = Sha256()
                                  .update_framed(key.principal)
                                  .update_framed(key.source)
                                  .update_u64(key.epoch)
                                  .update_u64(key.sequence)
                                  .update_u64(index)
                                  .finish();
  EventId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

std::string to_string(const EventId& id) { return to_hex(id); }

std::optional<EventId> parse_event_id(std::string_view text) {
  const std::optional<std::string> bytes = from_hex(text);
  if (!bytes || bytes->size() != EventId{}.size()) return std::nullopt;
  EventId id{};
  std::ranges::transform(*bytes, id.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return id;
}

}  // namespace sightline
