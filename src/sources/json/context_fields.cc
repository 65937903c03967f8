#include "sources/json/context_fields.h"

namespace sightline::sources {
namespace {

void add_where_absent(Event& event, FieldId field, std::string_view value) {
  if (!value.empty() && event.find(field) == nullptr) event.add_text(field, value);
}

}  // namespace

void ContextFields::start_batch(Arena& arena) {
  agent_id_ = arena.copy(context_.agent_id);
  hostname_ = arena.copy(context_.hostname);
  instance_id_ = arena.copy(context_.instance_id);
  account_id_ = arena.copy(context_.account_id);
}

void ContextFields::add(Event& event) const {
  add_where_absent(event, FieldId::agent_id, agent_id_);
  add_where_absent(event, FieldId::hostname, hostname_);
  add_where_absent(event, FieldId::instance_id, instance_id_);
  add_where_absent(event, FieldId::account_id, account_id_);
}

}  // namespace sightline::sources
