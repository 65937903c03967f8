// The files of an event, from its PATH records and its working directory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "sources/audit/record.h"
#include "sources/audit/verbs.h"

namespace sightline::audit {

enum class PathRole : std::uint8_t { normal, parent, created, deleted, unknown };

struct PathItem {
  std::uint64_t item = 0;
  std::string_view name;  // decoded; empty: null
  PathRole role = PathRole::normal;
  std::string_view inode;
  std::string_view mode;
  std::string_view resolved;  // set by resolve_paths()
};

PathItem read_path_item(std::span<const Field> fields, Arena& arena);

// Where names that are not absolute start.
struct PathBase {
  std::string_view cwd;  // empty: not recorded
  bool known = true;     // false: the call named a directory by descriptor
};

// Sets `resolved` of every item that has a name: absolute and without `.`, `..` and doubled slashes where the start is
// known, else as recorded.
void resolve_paths(std::span<PathItem> items, const PathBase& base, Arena& arena);

// `.`, `..` and doubled slashes taken out by text alone (links are not followed). `path` is absolute.
std::string_view normalize_path(std::string_view path, Arena& arena);

// The item the event is about: created before deleted before the last that is no parent. nullptr: none.
const PathItem* main_path(std::span<const PathItem> items);
// The name before a rename: the first deleted one. nullptr: none.
const PathItem* renamed_path(std::span<const PathItem> items);

}  // namespace sightline::audit
