#include "sources/audit/paths.h"

#include <algorithm>
#include <cstring>

#include "sources/audit/value.h"

namespace sightline::audit {

namespace {

PathRole parse_role(std::string_view text) {
  if (text == "PARENT") return PathRole::parent;
  if (text == "CREATE") return PathRole::created;
  if (text == "DELETE") return PathRole::deleted;
  if (text == "UNKNOWN") return PathRole::unknown;
  return PathRole::normal;
}

bool needs_normalizing(std::string_view path) {
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const std::string_view rest = path.substr(slash + 1);
    if (rest.starts_with('/') || rest.starts_with("./") || rest.starts_with("../")) return true;
    if (rest == "." || rest == "..") return true;
  }
  return false;
}

std::string_view join(std::string_view directory, std::string_view name, Arena& arena) {
  const bool slash = !directory.ends_with('/');
  char* text = arena.allocate(directory.size() + (slash ? 1 : 0) + name.size());
  std::memcpy(text, directory.data(), directory.size());
  std::size_t size = directory.size();
  if (slash) text[size++] = '/';
  std::memcpy(text + size, name.data(), name.size());
  return {text, size + name.size()};
}

// A directory's name to start from where the call gave it by descriptor: the parent's, if it is not just the working
// directory, which the kernel fills in for want of better.
std::string_view parent_directory(std::span<const PathItem> items, std::string_view cwd) {
  for (const PathItem& item : items) {
    if (item.role == PathRole::parent && item.name.starts_with('/') && item.name != cwd) return item.name;
  }
  return {};
}

std::string_view resolve(const PathItem& item, std::string_view parent, const PathBase& base, Arena& arena) {
  if (item.name.starts_with('/')) return normalize_path(item.name, arena);
  if (base.known) {
    return base.cwd.starts_with('/') ? normalize_path(join(base.cwd, item.name, arena), arena) : item.name;
  }
  if (parent.empty() || item.role == PathRole::parent) return item.name;
  return normalize_path(join(parent, item.name.substr(item.name.rfind('/') + 1), arena), arena);
}

}  // namespace

PathItem read_path_item(std::span<const Field> fields, Arena& arena) {
  PathItem item;
  for (const Field& field : fields) {
    switch (field.id) {
      case Key::name:
        if (!is_null(field)) item.name = decode_text(field, arena);
        break;
      case Key::inode:
        item.inode = field.value;
        break;
      case Key::mode:
        item.mode = field.value;
        break;
      case Key::nametype:
      case Key::objtype:
        item.role = parse_role(field.value);
        break;
      case Key::item:
        item.item = static_cast<std::uint64_t>(parse_integer(field.value).value_or(0));
        break;
      default:
        break;
    }
  }
  return item;
}

void resolve_paths(std::span<PathItem> items, const PathBase& base, Arena& arena) {
  const std::string_view parent = base.known ? std::string_view() : parent_directory(items, base.cwd);
  for (PathItem& item : items) {
    if (!item.name.empty()) item.resolved = resolve(item, parent, base, arena);
  }
}

std::string_view normalize_path(std::string_view path, Arena& arena) {
  if (!needs_normalizing(path)) return path;
  char* text = arena.allocate(path.size());
  std::size_t size = 0;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t start = std::min(path.find_first_not_of('/', at), path.size());
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view part = path.substr(start, end - start);
    at = end;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      size = std::string_view(text, size).rfind('/');
      if (size == std::string_view::npos) size = 0;
      continue;
    }
    text[size++] = '/';
    std::memcpy(text + size, part.data(), part.size());
    size += part.size();
  }
  // A slash at the end says that a directory was meant; it stays.
  if (size == 0 || (path.ends_with('/') && text[size - 1] != '/')) text[size++] = '/';
  return {text, size};
}

const PathItem* main_path(std::span<const PathItem> items) {
  const PathItem* best = nullptr;
  const auto rank = [](const PathItem& item) {
    if (item.name.empty() && item.inode.empty()) return 0;
    switch (item.role) {
      case PathRole::created:
        return 4;
      case PathRole::deleted:
        return 3;
      case PathRole::normal:
      case PathRole::unknown:
        return item.name.empty() ? 1 : 2;
      case PathRole::parent:
        return 0;
    }
    return 0;
  };
  for (const PathItem& item : items) {
    if (rank(item) > 0 && (best == nullptr || rank(item) >= rank(*best))) best = &item;
  }
  return best;
}

const PathItem* renamed_path(std::span<const PathItem> items) {
  const auto found = std::ranges::find(items, PathRole::deleted, &PathItem::role);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace sightline::audit
