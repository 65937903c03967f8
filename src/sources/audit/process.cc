#include "sources/audit/process.h"

#include <cstring>

#include "sources/audit/value.h"

namespace sightline::audit {

namespace {

void finish_arch(EventState& state) {
  if (state.arch_text.empty()) return;
  const std::optional<std::uint64_t> elf = parse_hex(state.arch_text);
  if (elf && *elf <= UINT32_MAX) state.arch = find_arch(static_cast<std::uint32_t>(*elf));
  std::string_view name = state.arch != nullptr ? state.arch->name : state.arch_name;
  if (name.empty()) name = state.arch_text;
  state.draft.set_text(FieldId::arch, name);
}

// The call's name by our tables, else by the daemon that wrote the record, else its number.
void finish_call_name(EventState& state) {
  if (state.syscall_text.empty()) return;
  const std::optional<std::int64_t> number = parse_integer(state.syscall_text);
  const Syscall* call = nullptr;
  if (state.arch != nullptr && number && *number >= 0) {
    call = find_syscall(*state.arch, static_cast<std::uint64_t>(*number));
  }
  if (call != nullptr) {
    state.verb = call->verb;
    state.draft.set_text(FieldId::syscall, call->name);
    return;
  }
  const bool named = !state.syscall_name.empty() && !state.syscall_name.starts_with("unknown");
  const std::string_view name = named ? state.syscall_name : state.syscall_text;
  state.verb = find_syscall_verb(name);
  state.draft.set_text(FieldId::syscall, name);
}

void finish_exit(EventState& state) {
  EventDraft& draft = state.draft;
  if (state.verb != nullptr && state.verb->kind == CallKind::exit && !draft.has(FieldId::exit)) {
    constexpr std::uint64_t kStatusMask = 0xff;
    if (const auto status = state.argument(0))
      draft.set_integer(FieldId::exit, static_cast<std::int64_t>(*status & kStatusMask));
  }
  const std::optional<std::int64_t> exit = draft.integer(FieldId::exit);
  if (!exit || *exit >= 0 || state.success().value_or(false)) return;
  const std::string_view name = errno_name(static_cast<std::uint64_t>(0) - static_cast<std::uint64_t>(*exit));
  if (!name.empty()) draft.set_text(FieldId::exit_name, name);
}

void finish_arguments(EventState& state) {
  EventDraft& draft = state.draft;
  const std::vector<std::string_view>& arguments = state.argv.join(draft.arena());
  if (state.argv.incomplete()) state.partial = true;
  if (arguments.empty()) return;
  std::size_t size = arguments.size() - 1;
  for (const std::string_view argument : arguments) size += argument.size();
  char* joined = draft.arena().allocate(size);
  char* end = joined;
  for (const std::string_view argument : arguments) {
    if (end != joined) *end++ = ' ';
    std::memcpy(end, argument.data(), argument.size());
    end += argument.size();
    draft.add_text(FieldId::args, argument);
  }
  draft.set_text(FieldId::arguments, {joined, static_cast<std::size_t>(end - joined)});
}

// Only id 0 has the same name everywhere.
void name_root(EventDraft& draft, FieldId id, FieldId name) {
  if (draft.integer(id) == 0 && !draft.has(name)) draft.add_text(name, "root");
}

}  // namespace

void finish_syscall(EventState& state) {
  finish_arch(state);
  finish_call_name(state);
  if (state.verb != nullptr && state.verb->kind == CallKind::socketcall) {
    const SyscallVerb* call = find_socketcall_verb(state.argument(0).value_or(0));
    if (call != nullptr) state.verb = call;
  }
  if (state.verb == nullptr && state.uring_operation) state.verb = find_uring_verb(*state.uring_operation);
  finish_exit(state);
}

void finish_process(EventState& state) {
  EventDraft& draft = state.draft;
  if (state.has_execve) finish_arguments(state);
  if (const auto exe = draft.text(FieldId::exe)) {
    draft.set_text(FieldId::command, executable_name(*exe));
  } else if (const auto comm = draft.text(FieldId::comm)) {
    draft.set_text(FieldId::command, *comm);
  }
  name_root(draft, FieldId::uid, FieldId::user);
  name_root(draft, FieldId::euid, FieldId::euser);
  name_root(draft, FieldId::auid, FieldId::auser);
}

}  // namespace sightline::audit
