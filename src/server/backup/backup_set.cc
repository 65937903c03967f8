#include "server/backup/backup_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace sightline::backup {

namespace fs = std::filesystem;

namespace {

constexpr const char* kMark = "sightline-backups";
constexpr std::string_view kMarkText =
    "A folder of backups of Sightline, one folder each. sightlined restore --help has the rest.\n";
constexpr std::string_view kPartial = ".partial";
constexpr std::uint64_t kMaxInventoryBytes = 1ULL << 30;

// The number that a backup's name begins with; nothing where it is not the name of a backup.
std::optional<std::uint64_t> number_of(std::string_view name) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool named = error == std::errc() && end != name.data() + name.size() && *end == '-';
  return named && !name.ends_with(kPartial) ? std::optional(number) : std::nullopt;
}

Result<std::vector<std::string>> list_names(const fs::path& directory) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error)
    return fail(ErrorCode::unavailable, fmt::format("cannot read {}: {}", directory.string(), error.message()));
  return names;
}

// What a backup that was interrupted left.
Result<void> remove_partial(const fs::path& directory) {
  const auto names = list_names(directory);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!name.ends_with(kPartial)) continue;
    std::error_code error;
    fs::remove_all(directory / name, error);
    if (error) {
      return fail(ErrorCode::unavailable,
                  fmt::format("cannot remove {}: {}", (directory / name).string(), error.message()));
    }
  }
  return {};
}

}  // namespace

Result<BackupSet> BackupSet::open(const fs::path& directory) {
  std::error_code error;
  fs::path path = fs::absolute(directory, error).lexically_normal();
  if (error || !fs::exists(path / kMark, error)) {
    return fail(ErrorCode::not_found, fmt::format("{} holds no backups of sightlined", path.string()));
  }
  return BackupSet(std::move(path));
}

Result<BackupSet> BackupSet::open_for_writing(const fs::path& directory) {
  std::error_code error;
  BackupSet set(fs::absolute(directory, error).lexically_normal());
  const fs::path& path = set.directory_;
  if (auto made = make_directories(path); !made) return std::unexpected(made.error());
  auto lock = lock_directory(path);
  if (!lock) return std::unexpected(lock.error());
  if (!lock->open()) {
    return fail(ErrorCode::conflict, fmt::format("another backup to {} is under way", path.string()));
  }
  set.lock_ = std::move(*lock);
  if (!fs::exists(path / kMark, error)) {
    auto names = list_names(path);
    if (!names) return std::unexpected(names.error());
    std::erase(*names, "lost+found");  // of a file system of its own
    if (!names->empty()) {
      return fail(ErrorCode::conflict, fmt::format("{} holds something else ({}): give an empty folder, or one of "
                                                   "backups",
                                                   path.string(), names->front()));
    }
    if (auto marked = write_file(path / kMark, kMarkText, Existing::replace); !marked)
      return std::unexpected(marked.error());
  }
  if (auto removed = remove_partial(path); !removed) return std::unexpected(removed.error());
  return set;
}

Result<std::vector<std::string>> BackupSet::names() const {
  auto names = list_names(directory_);
  if (!names) return names;
  std::erase_if(*names, [](const std::string& name) { return !number_of(name); });
  std::ranges::sort(*names, {}, [](const std::string& name) { return number_of(name).value_or(0); });
  return names;
}

Result<Inventory> BackupSet::inventory(const std::string& name) const {
  std::error_code error;
  if (!number_of(name) || name.find('/') != std::string::npos || !fs::exists(folder(name), error)) {
    return fail(ErrorCode::not_found,
                fmt::format("{} has no backup {}: sightlined restore --from {} --list has those there are",
                            directory_.string(), name, directory_.string()));
  }
  const fs::path file = folder(name) / "inventory";
  const auto text = read_file(file, kMaxInventoryBytes);
  if (!text) return std::unexpected(text.error());
  auto inventory = parse_inventory(*text);
  if (!inventory) {
    return fail(inventory.error().code, fmt::format("{}: {}", file.string(), inventory.error().message));
  }
  return inventory;
}

}  // namespace sightline::backup
