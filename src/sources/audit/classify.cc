#include "sources/audit/classify.h"

#include <algorithm>

#include "sources/audit/files.h"

namespace sightline::audit {

namespace {

using Over = RecordVerb::Over;

// The record whose verb stands above that of the system call; nullptr: none.
const RecordVerb* find_overriding(const EventState& state) {
  const RecordVerb* unnamed = nullptr;
  for (const Record& record : state.records) {
    const RecordVerb* verb = find_record_verb(record.type);
    if (verb == nullptr) continue;
    if (verb->over == Over::always || state.main == nullptr) return verb;
    if (verb->over == Over::unnamed && unnamed == nullptr) unnamed = verb;
  }
  const bool named = state.verb != nullptr && state.verb->kind != CallKind::carrier;
  return named ? nullptr : unnamed;
}

std::string_view lower_case(std::string_view name, Arena& arena) {
  char* text = arena.allocate(name.size());
  std::ranges::transform(name, text,
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return {text, name.size()};
}

void set(EventState& state, std::string_view event_type, std::string_view type) {
  state.draft.set_text(FieldId::event_type, event_type);
  state.draft.set_text(FieldId::type, type);
}

void classify_by_record(const RecordVerb& verb, EventState& state) {
  const bool failed = !state.success().value_or(true) && !verb.failed_verb.empty();
  set(state, verb.event_type, failed ? verb.failed_verb : verb.verb);
}

void classify_by_call(EventState& state) {
  if (state.verb == nullptr) {
    return set(state, "audit",
               state.draft.text(FieldId::syscall).value_or(state.uring_operation ? "io_uring" : "syscall"));
  }
  const std::string_view type = state.verb->kind == CallKind::open ? open_verb(state) : state.verb->type;
  set(state, state.verb->event_type, type);
}

}  // namespace

void classify(EventState& state) {
  if (const RecordVerb* verb = find_overriding(state)) return classify_by_record(*verb, state);
  if (state.main != nullptr) return classify_by_call(state);
  const auto primary =
      std::ranges::find_if(state.records, [](const Record& record) { return !is_auxiliary(record.type); });
  if (primary != state.records.end()) return set(state, "audit", lower_case(primary->type_name, state.draft.arena()));
  state.partial = true;  // only what accompanies a system call that is missing
  if (state.has_execve) return set(state, "audit", "start");
  set(state, "audit", lower_case(state.records.front().type_name, state.draft.arena()));
}

}  // namespace sightline::audit
