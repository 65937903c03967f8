// Helpers of the audit decoder's tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sources/audit/audit_decoder.h"
#include "sources/decode_testing.h"

namespace sightline::audit::testing {

// Decodes the whole input, handed over in chunks of that size.
inline sources::Decoded decode(std::string_view text, std::size_t chunk_size = SIZE_MAX,
                               const sources::DecodeContext& context = {}) {
  const auto decoder = make_audit_decoder(context);
  return sources::testing::decode(*decoder, text, chunk_size);
}

inline std::vector<std::string> texts(const Event& event, FieldId field) {
  std::vector<std::string> values;
  for (const FieldValue& value : event.fields()) {
    if (value.field == field) values.emplace_back(value.text);
  }
  return values;
}

// "" where the field is null.
inline std::string text(const Event& event, FieldId field) { return std::string(event.text(field).value_or("")); }

inline std::vector<std::string> attributes(const Event& event, std::string_view path) {
  std::vector<std::string> values;
  for (const Attribute& attribute : event.attributes()) {
    if (attribute.path == path) values.emplace_back(attribute.text);
  }
  return values;
}

// One line an item, for comparing whole events.
inline std::string dump(const Event& event) {
  std::string out = std::to_string(event.event_time_ms) + "\n";
  for (const FieldValue& value : event.fields()) {
    const FieldInfo& info = field_info(value.field);
    out += std::string(info.name) + "=";
    out += info.type == FieldType::text ? std::string(value.text) : std::to_string(value.integer);
    out += "\n";
  }
  for (const Attribute& attribute : event.attributes()) {
    out += "." + std::string(attribute.path) + (attribute.kind == Attribute::Kind::number ? "#" : "=");
    out += std::string(attribute.text) + "\n";
  }
  return out + std::string(event.original);
}

}  // namespace sightline::audit::testing
