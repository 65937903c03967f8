#include "store/clickhouse/event_table.h"

#include "base/json_text.h"

namespace sightline::store::clickhouse {
namespace {

void add_field_values(const Event& event, FieldId field, std::vector<Cell>& values) {
  const FieldInfo& info = field_info(field);
  if (info.type == FieldType::event_id) {
    values.emplace_back(to_string(event.id));
  } else if (info.type == FieldType::time) {
    values.emplace_back(field == FieldId::event_time ? event.event_time_ms : event.received_time_ms);
  }
  for (const FieldValue& value : event.fields()) {
    if (value.field != field) continue;
    if (info.type == FieldType::integer) {
      values.emplace_back(value.integer);
    } else if (info.type == FieldType::boolean) {
      values.emplace_back(value.integer != 0 ? "true" : "false");
    } else {
      values.emplace_back(std::string(value.text));
    }
  }
}

Cell make_cell(std::vector<Cell> values) {
  if (values.empty()) return std::monostate{};
  if (values.size() == 1) return std::move(values.front());
  std::string json = "[";
  for (const Cell& value : values) {
    if (json.size() > 1) json += ',';
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      json += std::to_string(*number);
    } else {
      append_json_string(json, std::get<std::string>(value));
    }
  }
  return json + ']';
}

}  // namespace

Table project(const EventBatch& events, std::span<const query::FieldRef> fields) {
  Table table;
  for (const query::FieldRef& field : fields) table.columns.push_back(field.name);
  for (const Event& event : events.events()) {
    std::vector<Cell>& row = table.rows.emplace_back();
    for (const query::FieldRef& field : fields) {
      std::vector<Cell> values;
      for (const query::Target& target : field.targets) {
        if (const auto* id = std::get_if<FieldId>(&target)) {
          add_field_values(event, *id, values);
          continue;
        }
        for (const Attribute& attribute : event.attributes()) {
          if (attribute.path == std::get<std::string>(target)) values.emplace_back(std::string(attribute.text));
        }
      }
      row.push_back(make_cell(std::move(values)));
    }
  }
  return table;
}

}  // namespace sightline::store::clickhouse
