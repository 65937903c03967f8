#include "sources/windows/windows_data.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "sources/json/json_reader.h"
#include "sources/json/time_value.h"
#include "sources/windows/windows_paths.h"

namespace sightline::windows {
namespace {

using sources::PathRule;

// False where the value does not fit the field.
bool add_field(Event& event, FieldId field, std::string_view text) {
  if (field_info(field).type == FieldType::text) {
    event.add_text(field, text);
    return true;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  event.add_integer(field, value);
  return true;
}

void add_data(Event& event, std::string_view name, const Attribute& value, Arena& arena) {
  const PathRule rule = rule_of_data(name);
  if (rule.kind == PathRule::Kind::field) {
    if (add_field(event, rule.field, value.text)) return;
    sources::add_malformed(event, field_info(rule.field).name);
  } else if (rule.kind == PathRule::Kind::time && event.event_time_ms == 0) {
    event.event_time_ms = sources::parse_time_value(value.text).value_or(0);
  }
  event.add_attribute(rule.renamed.empty() || rule.renamed == name ? name : arena.copy(rule.renamed), value.kind,
                      value.text);
}

}  // namespace

void pair_data(Event& event, Arena& arena) {
  const auto is_name = [](const Attribute& attribute) { return attribute.path == kDataName; };
  const auto is_part = [&](const Attribute& attribute) { return is_name(attribute) || attribute.path == kDataValue; };
  auto& attributes = event.attributes();
  const auto first = std::ranges::find_if(attributes, is_part);
  if (std::ranges::none_of(attributes, is_name)) return;
  const bool name_first = is_name(*first);
  std::vector<Attribute> parts;
  std::ranges::copy_if(attributes, std::back_inserter(parts), is_part);
  std::erase_if(attributes, is_part);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool has_next = i + 1 < parts.size() && is_name(parts[i]) != is_name(parts[i + 1]);
    if (has_next && is_name(parts[i]) == name_first) {
      const Attribute& name = name_first ? parts[i] : parts[i + 1];
      add_data(event, name.text, name_first ? parts[i + 1] : parts[i], arena);
      ++i;
    } else if (!is_name(parts[i])) {
      event.attributes().push_back(parts[i]);
    }
  }
}

}  // namespace sightline::windows
