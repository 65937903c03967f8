// Helpers of the tests of decoders that read logs.
#pragma once

#include <string>
#include <string_view>

#include "event/time.h"
#include "sources/decode_testing.h"

namespace sightline::syslog::testing {

// Decodes the whole input, handed over in chunks of that size.
template <class MakeDecoder>
sources::Decoded decode(MakeDecoder make, std::string_view text, std::size_t chunk_size = SIZE_MAX) {
  const auto decoder = make(sources::DecodeContext{.agent_id = {},
                                                   .hostname = "sender",
                                                   .instance_id = {},
                                                   .account_id = {},
                                                   .reference_time_ms = 1'780'000'000'000});
  return sources::testing::decode(*decoder, text, chunk_size);
}

// "2026-… field=value … path=value …" in the order of the event, without `log`.
inline std::string describe(const Event& event) {
  std::string out = event.event_time_ms == 0 ? "0" : format_iso8601(event.event_time_ms);
  for (const FieldValue& value : event.fields()) {
    if (value.field == FieldId::log) continue;
    const FieldInfo& info = field_info(value.field);
    out += " " + std::string(info.name) + "=";
    out += info.type == FieldType::text ? std::string(value.text) : std::to_string(value.integer);
  }
  for (const Attribute& attribute : event.attributes()) {
    out += " " + std::string(attribute.path) + (attribute.kind == Attribute::Kind::number ? "#" : "=");
    out += attribute.text;
  }
  return out;
}

}  // namespace sightline::syslog::testing
