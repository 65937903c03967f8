#include "query/targets.h"

#include <variant>

namespace sightline::query {
namespace {

void add_field(Targets& targets, FieldId field) {
  switch (field_info(field).type) {
    case FieldType::text:
      targets.text.push_back(field);
      return;
    case FieldType::integer:
    case FieldType::boolean:
      targets.integer.push_back(field);
      return;
    case FieldType::event_id:
      targets.id = true;
      return;
    case FieldType::time:
      if (field == FieldId::event_time) {
        targets.event_time = true;
      } else if (field == FieldId::received_time) {
        targets.received_time = true;
      } else {
        targets.time.push_back(field);
      }
      return;
  }
}

}  // namespace

Result<Targets> sort_targets(const FieldRef& field) {
  if (field.targets.empty()) return fail(ErrorCode::invalid_input, "the expression has not been checked: no targets");
  Targets targets;
  for (const Target& target : field.targets) {
    if (const FieldId* id = std::get_if<FieldId>(&target)) {
      add_field(targets, *id);
    } else {
      targets.paths.push_back(std::get<std::string>(target));
    }
  }
  return targets;
}

}  // namespace sightline::query
