// Events for tests of the store: an everyday few, and hostile ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "event/canonical.h"
#include "event/event.h"
#include "store/event_store.h"

namespace sightline::store::testing {

inline std::string canonical(const Event& event) {
  std::string form;
  append_canonical(form, event);
  return form;
}

inline BatchKey sample_key(std::uint64_t sequence) { return {"principal-1", "source-1", 1, sequence}; }

inline BatchHeader sample_header(std::uint64_t number) {
  BatchHeader header;
  header.number = number;
  header.key = sample_key(number);
  header.body_hash.fill(static_cast<std::uint8_t>(number));
  header.format = "ndjson";
  header.received_time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(number);
  return header;
}

inline PendingBatch with_ids(EventBatch& batch, const BatchHeader& header) {
  std::uint64_t index = 0;
  for (Event& event : batch.events()) event.id = make_event_id(header.key, index++);
  return {header, &batch};
}

// Sets what the server sets before commit.
inline PendingBatch seal(EventBatch& batch, const BatchHeader& header) {
  for (Event& event : batch.events()) event.received_time_ms = header.received_time_ms;
  return with_ids(batch, header);
}

// `count` login events, a second apart, users user-0 to user-9.
inline EventBatch login_events(std::size_t count, std::int64_t first_time_ms) {
  EventBatch batch;
  for (std::size_t i = 0; i < count; ++i) {
    Event& event = batch.add();
    event.event_time_ms = first_time_ms + static_cast<std::int64_t>(i) * 1000;
    event.add_text(FieldId::event_type, "login");
    event.add_text(FieldId::user, batch.arena().copy("user-" + std::to_string(i % 10)));
    event.add_integer(FieldId::pid, static_cast<std::int64_t>(i));
    event.add_boolean(FieldId::success, i % 2 == 0);
    event.add_text(FieldId::group, "staff");
    if (i % 3 == 0) event.add_text(FieldId::group, "wheel");
    event.add_attribute("extra.note", Attribute::Kind::text, batch.arena().copy("note " + std::to_string(i)));
    event.add_attribute("extra.number", Attribute::Kind::number, batch.arena().copy(std::to_string(i)));
    event.original = batch.arena().copy("line " + std::to_string(i));
  }
  return batch;
}

inline std::string bytes_0_to_255() {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  return all;
}

inline const std::vector<std::string>& hostile_texts() {
  using namespace std::string_literals;
  static const std::vector<std::string> texts{""s,
                                              "\0"s,
                                              "\0\0"s,
                                              "\0x"s,
                                              "\1"s,
                                              "\1x"s,
                                              "\2"s,
                                              "\x1f"s,
                                              "unit\x1fseparated\x1f"s,
                                              "'"s,
                                              "\\"s,
                                              "\\'"s,
                                              "' OR 1=1 --"s,
                                              "\xff\xfe"s,
                                              "\xe2\x82"s,
                                              "a\nb"s,
                                              "a\0b"s,
                                              "*"s,
                                              "%"s,
                                              "_"s,
                                              "{x:String}"s,
                                              "é"s,
                                              "É"s,
                                              "null"s,
                                              "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01"s,
                                              "0f8fad5b-d9cb-469f-a165-70867728950e"s,
                                              "0F8FAD5B-D9CB-469F-A165-70867728950E"s,
                                              bytes_0_to_255()};
  return texts;
}

// Everything that a field can hold, field by field.
inline EventBatch hostile_events() {
  EventBatch batch;
  std::int64_t time = INT64_MIN;
  for (const std::string& text : hostile_texts()) {
    Event& event = batch.add();
    event.event_time_ms = time;
    time = time == INT64_MIN ? -1 : time == -1 ? INT64_MAX : INT64_MIN;
    const std::string_view kept = batch.arena().copy(text);
    event.original = kept;
    for (const FieldInfo& field : all_fields()) {
      if (field.type == FieldType::text) event.add_text(field.id, kept);
      if (field.type == FieldType::text && field.cardinality == FieldCardinality::list)
        event.add_text(field.id, "second");
    }
    event.add_attribute(kept, Attribute::Kind::text, kept);
    event.add_attribute(kept, Attribute::Kind::number, "-12345678901234567890.5");
    event.add_attribute(kept, Attribute::Kind::text, "again");
  }
  for (const std::int64_t number :
       {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, INT64_MAX - 1, INT64_MAX}) {
    Event& event = batch.add();
    for (const FieldInfo& field : all_fields()) {
      if (field.type == FieldType::integer) event.add_integer(field.id, number);
      if (field.type == FieldType::integer) event.add_integer(field.id, 7);  // a second value where one belongs
      if (field.type == FieldType::boolean) event.add_boolean(field.id, number > 0);
    }
    event.add_text(FieldId::user, "first");
    event.add_text(FieldId::user, "");
  }
  batch.add();  // nothing at all
  return batch;
}

}  // namespace sightline::store::testing
