#include "event/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/json_text.h"
#include "event/utf8.h"

namespace sightline {
namespace {

constexpr std::string_view kReservedPrefix = "original_";

bool is_own_key(std::string_view path) {
  return path == "id" || path == "event_time" || path == "received_time" || path == "original" ||
         path == "original_base64";
}

// One field's or attribute's value, with what it is sorted by.
struct Entry {
  std::size_t field = kFieldCount;  // of attributes without a field: kFieldCount
  const FieldValue* value = nullptr;
  const Attribute* attribute = nullptr;

  std::string_view name() const {
    return attribute != nullptr ? attribute->path : field_info(static_cast<FieldId>(field)).name;
  }
};

void append_number(std::string& out, std::int64_t number) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= bytes.size() ? kAlphabet[group >> (18 - 6 * i) & 63] : '=';
  }
}

void append_key(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  out += ':';
}

void append_value(std::string& out, const Entry& entry) {
  if (entry.attribute != nullptr) {
    const Attribute& attribute = *entry.attribute;
    if (attribute.kind == Attribute::Kind::number) {
      out += attribute.text;
    } else {
      append_json_string(out, attribute.text);
    }
    return;
  }
  switch (field_info(entry.value->field).type) {
    case FieldType::text:
    case FieldType::event_id:
      append_json_string(out, entry.value->text);
      return;
    case FieldType::boolean:
      out += entry.value->integer != 0 ? "true" : "false";
      return;
    case FieldType::integer:
    case FieldType::time:
      append_number(out, entry.value->integer);
      return;
  }
}

bool is_list(const Entry& entry) {
  return entry.field < kFieldCount &&
         field_info(static_cast<FieldId>(entry.field)).cardinality == FieldCardinality::list;
}

// Fields in schema order with the attributes of the same name behind them, then the other attributes by path.
std::vector<Entry> sorted_entries(const Event& event) {
  std::vector<Entry> entries;
  entries.reserve(event.fields().size() + event.attributes().size());
  for (const FieldValue& value : event.fields()) {
    entries.push_back({static_cast<std::size_t>(value.field), &value, nullptr});
  }
  for (const Attribute& attribute : event.attributes()) {
    const FieldInfo* field = is_own_key(attribute.path) ? nullptr : find_field(attribute.path);
    entries.push_back({field == nullptr ? kFieldCount : static_cast<std::size_t>(field->id), nullptr, &attribute});
  }
  std::ranges::stable_sort(entries, [](const Entry& left, const Entry& right) {
    if (left.field != right.field) return left.field < right.field;
    return left.field == kFieldCount && left.attribute->path < right.attribute->path;
  });
  return entries;
}

bool same_key(const Entry& left, const Entry& right) {
  return left.field == right.field && (left.field < kFieldCount || left.attribute->path == right.attribute->path);
}

void append_entries(std::string& out, const std::vector<Entry>& entries) {
  for (auto first = entries.begin(); first != entries.end();) {
    const auto last = std::find_if_not(first, entries.end(), [&](const Entry& e) { return same_key(*first, e); });
    const bool array = last - first > 1 || is_list(*first);
    if (is_own_key(first->name())) {
      append_key(out, std::string(kReservedPrefix).append(first->name()));
    } else {
      append_key(out, first->name());
    }
    if (array) out += '[';
    for (auto entry = first; entry != last; ++entry) {
      if (entry != first) out += ',';
      append_value(out, *entry);
    }
    if (array) out += ']';
    first = last;
  }
}

void append_original(std::string& out, std::string_view original) {
  if (is_valid_utf8(original)) {
    append_key(out, "original");
    append_json_string(out, original);
    return;
  }
  append_key(out, "original_base64");
  out += '"';
  append_base64(out, original);
  out += '"';
}

}  // namespace

void append_json(std::string& out, const Event& event, JsonOptions options) {
  out += '{';
  if (event.id != EventId{}) {
    append_key(out, "id");
    append_json_string(out, to_string(event.id));
  }
  append_key(out, "event_time");
  append_number(out, event.event_time_ms);
  if (event.received_time_ms != 0) {
    append_key(out, "received_time");
    append_number(out, event.received_time_ms);
  }
  append_entries(out, sorted_entries(event));
  if (options.original) append_original(out, event.original);
  out += '}';
}

}  // namespace sightline
