#include "sources/audit/files.h"

#include <algorithm>

#include "sources/audit/fields.h"
#include "sources/audit/value.h"

namespace sightline::audit {

namespace {

// Of open(2); the same on all architectures we name calls for.
constexpr std::uint64_t kAccessMask = 3;
constexpr std::uint64_t kReadOnly = 0;
constexpr std::uint64_t kTruncate = 01000;

// AT_FDCWD, -100, as 64 and as 32 bits.
bool is_working_directory(std::uint64_t descriptor) {
  return descriptor == 0xffffffffffffff9cu || descriptor == 0xffffff9cu;
}

bool starts_at_working_directory(const EventState& state) {
  if (state.verb == nullptr) return true;
  for (const std::int8_t position : {state.verb->dirfd_argument, state.verb->dirfd2_argument}) {
    const std::optional<std::uint64_t> descriptor = state.argument(position);
    if (descriptor && !is_working_directory(*descriptor)) return false;
  }
  return true;
}

bool is_exec(const EventState& state) { return state.verb != nullptr && state.verb->kind == CallKind::exec; }

const PathItem* choose_main(const EventState& state) {
  if (is_exec(state) && !state.paths.empty()) return &state.paths.front();  // the loader follows
  return main_path(state.paths);
}

void set_inode(const PathItem& item, bool is_main, EventDraft& draft) {
  if (item.inode.empty()) return;
  if (!is_main) return draft.add_attribute("audit.inode", {"inode", item.inode}, Encoding::plain);
  const std::optional<std::int64_t> inode = parse_integer(item.inode);
  if (!inode) return draft.add_malformed(FieldId::inode, item.inode);
  draft.set_integer(FieldId::inode, *inode);
}

}  // namespace

void map_path_record(const Record& record, EventState& state) {
  state.paths.push_back(read_path_item(record.fields, state.draft.arena()));
  for (const Field& field : record.fields) {
    if (field.id != Key::name && field.id != Key::inode) map_attribute(field, state);
  }
}

void finish_files(EventState& state) {
  EventDraft& draft = state.draft;
  if (state.items && state.paths.size() < *state.items) state.partial = true;
  if (state.paths.empty()) return;
  const PathBase base{draft.text(FieldId::cwd).value_or(std::string_view()), starts_at_working_directory(state)};
  resolve_paths(state.paths, base, draft.arena());
  const PathItem* main = choose_main(state);
  for (const PathItem& item : state.paths) {
    if (!item.resolved.empty()) draft.add_text(FieldId::path, item.resolved);
    set_inode(item, &item == main, draft);
  }
  if (main == nullptr) return;
  if (!main->resolved.empty()) draft.set_text(FieldId::filename, main->resolved);
  if (!main->mode.empty()) draft.set_text(FieldId::file_mode, main->mode);
  if (state.verb == nullptr || state.verb->kind != CallKind::rename) return;
  const PathItem* old = renamed_path(state.paths);
  if (old != nullptr && old != main && !old->resolved.empty()) draft.set_text(FieldId::old_filename, old->resolved);
}

std::string_view open_verb(const EventState& state) {
  if (!state.success().value_or(true)) return "open";
  if (std::ranges::find(state.paths, PathRole::created, &PathItem::role) != state.paths.end()) return "create";
  const std::optional<std::uint64_t> flags =
      state.open_flags ? state.open_flags : state.argument(state.verb->flags_argument);
  if (!flags) return state.verb->type == "create" ? "modify" : "open";  // creat() of a file that exists truncates it
  const bool writes = (*flags & kAccessMask) != kReadOnly || (*flags & kTruncate) != 0;
  return writes ? "modify" : "open";
}

}  // namespace sightline::audit
