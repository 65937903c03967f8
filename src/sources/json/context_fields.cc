#include "sources/json/context_fields.h"

#include <algorithm>

namespace sightline::sources {
namespace {

// Takes every value of the field that is not `text` out of the fields.
void set_aside_others(Event& event, FieldId field, std::string_view text, std::string_view path) {
  const auto differs = [&](const FieldValue& value) { return value.field == field && value.text != text; };
  for (const FieldValue& value : event.fields()) {
    if (differs(value)) event.add_attribute(path, Attribute::Kind::text, value.text);
  }
  std::erase_if(event.fields(), differs);
}

}  // namespace

ContextFields::ContextFields(DecodeContext context, Describes describes) {
  const bool bound = context.bound;
  const bool all_bound = bound && describes == Describes::sender;
  facts_ = {Fact{FieldId::agent_id, std::move(context.agent_id), bound, {}, {}},
            Fact{FieldId::hostname, std::move(context.hostname), bound, {}, {}},
            Fact{FieldId::instance_id, std::move(context.instance_id), all_bound, {}, {}},
            Fact{FieldId::account_id, std::move(context.account_id), all_bound, {}, {}}};
}

void ContextFields::start_batch(Arena& arena) {
  for (Fact& fact : facts_) {
    if (fact.text.empty()) continue;
    fact.in_batch = arena.copy(fact.text);
    if (fact.wins) fact.claimed_path = arena.copy(std::string(kClaimedPrefix).append(field_info(fact.field).name));
  }
}

void ContextFields::add(Event& event) const {
  for (const Fact& fact : facts_) {
    if (fact.in_batch.empty()) continue;
    if (fact.wins) set_aside_others(event, fact.field, fact.in_batch, fact.claimed_path);
    if (event.find(fact.field) == nullptr) event.add_text(fact.field, fact.in_batch);
  }
}

}  // namespace sightline::sources
