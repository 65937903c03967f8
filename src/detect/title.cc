#include "detect/title.h"

#include <fmt/format.h>

#include "event/time.h"
#include "event/utf8.h"

namespace sightline::detect {
namespace {

constexpr std::size_t kMaxValueBytes = 200;
constexpr std::size_t kMaxTitleBytes = 1000;
constexpr std::string_view kEllipsis = "…";

// One line of valid UTF-8, cut between characters.
std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string valid;
  append_valid_utf8(valid, text.substr(0, max_bytes + 4));
  const bool cut = valid.size() > max_bytes;
  if (cut) {
    std::size_t end = max_bytes;
    while (end > 0 && (static_cast<unsigned char>(valid[end]) & 0xc0) == 0x80) --end;
    valid.resize(end);
  }
  for (char& c : valid) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return cut ? valid.append(kEllipsis) : valid;
}

std::string text_of(const FieldValue& value, FieldType type) {
  switch (type) {
    case FieldType::integer:
      return fmt::to_string(value.integer);
    case FieldType::boolean:
      return value.integer != 0 ? "true" : "false";
    case FieldType::time:
      return format_iso8601(value.integer);
    case FieldType::text:
    case FieldType::event_id:
      break;
  }
  return std::string(value.text);
}

void append_value(std::string& joined, std::string_view value) {
  if (joined.size() > kMaxValueBytes) return;
  if (!joined.empty()) joined += ", ";
  joined += value.substr(0, kMaxValueBytes + 4);
}

void append_field(std::string& joined, const Event& event, FieldId field) {
  switch (field) {
    case FieldId::id:
      return append_value(joined, sightline::to_string(event.id));
    case FieldId::event_time:
      return append_value(joined, format_iso8601(event.event_time_ms));
    case FieldId::received_time:
      return append_value(joined, format_iso8601(event.received_time_ms));
    default:
      break;
  }
  for (const FieldValue& value : event.fields()) {
    if (value.field == field) append_value(joined, text_of(value, field_info(field).type));
  }
}

std::string value_of(const Event& event, const TitleTemplate::Value::Name& name) {
  std::string joined;
  for (const query::Target& target : name.targets) {
    if (const auto* field = std::get_if<FieldId>(&target)) {
      append_field(joined, event, *field);
      continue;
    }
    for (const Attribute& attribute : event.attributes()) {
      if (attribute.path == std::get<std::string>(target)) append_value(joined, attribute.text);
    }
  }
  return joined;
}

std::string value_of(const Event& event, const TitleTemplate::Value& value) {
  for (const TitleTemplate::Value::Name& name : value.names) {
    if (std::string text = value_of(event, name); !text.empty()) return printable(text, kMaxValueBytes);
  }
  return value.otherwise.empty() ? fmt::format("(no {})", value.names.front().name) : value.otherwise;
}

}  // namespace

std::string TitleTemplate::render(const Event& event) const {
  std::string title;
  for (const Part& part : parts_) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      title += *literal;
      continue;
    }
    title += value_of(event, std::get<Value>(part));
  }
  return printable(title, kMaxTitleBytes);
}

}  // namespace sightline::detect
