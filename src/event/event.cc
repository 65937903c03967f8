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

BatchId make_batch_id(const BatchKey& key) {
  const Sha256Digest digest = Sha256()
                                  .update_framed(key.principal)
                                  .update_framed(key.source)
                                  .update_u64(key.epoch)
                                  .update_u64(key.sequence)
                                  .finish();
  BatchId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

EventId make_event_id(const BatchId& batch, std::uint32_t index) {
  EventId id{};
  auto* rest = std::ranges::copy(batch, id.begin()).out;
  for (int shift = 24; shift >= 0; shift -= 8) *rest++ = static_cast<std::uint8_t>(index >> shift);
  return id;
}

EventId make_event_id(const BatchKey& key, std::uint64_t index) {
  return make_event_id(make_batch_id(key), static_cast<std::uint32_t>(index));
}

BatchId batch_of(const EventId& id) {
  BatchId batch{};
  std::copy_n(id.begin(), batch.size(), batch.begin());
  return batch;
}

std::uint32_t index_of(const EventId& id) {
  std::uint32_t index = 0;
  for (std::size_t i = BatchId{}.size(); i < id.size(); ++i) index = index << 8 | id.at(i);
  return index;
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
