// Making a backup: what did not change is linked, the rest is copied and hashed.
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "server/backup/backup_set.h"

namespace sightline::backup {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

// "000012-20261124T142000Z": numbers order backups, whatever the clock does.
std::string make_name(const std::string& previous, std::int64_t now_ms) {
  const std::uint64_t number = previous.empty() ? 1 : std::stoull(previous) + 1;
  const auto time = std::chrono::floor<std::chrono::seconds>(std::chrono::sys_time(std::chrono::milliseconds(now_ms)));
  return fmt::format("{:06}-{:%Y%m%dT%H%M%SZ}", number, time);
}

// Size and time of modification.
Result<Entry> describe(const fs::path& file, const std::string& path) {
  struct stat status{};
  if (::lstat(file.c_str(), &status) != 0) return system_error("cannot read", file);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid_input, fmt::format("{} is no file", file.string()));
  Entry entry;
  entry.path = path;
  entry.size = static_cast<std::uint64_t>(status.st_size);
  entry.modified_ns = status.st_mtim.tv_sec * kNanosecondsPerSecond + status.st_mtim.tv_nsec;
  return entry;
}

std::uint64_t bytes_below(const fs::path& tree) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(tree, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_symlink(ignored) || !entry->is_regular_file(ignored)) continue;
    const std::uintmax_t size = entry->file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

}  // namespace

Result<std::unique_ptr<BackupWriter>> BackupWriter::begin(const BackupSet& set, std::int64_t now_ms,
                                                          std::stop_token stop, Progress progress) {
  std::unique_ptr<BackupWriter> writer(new BackupWriter(set));
  writer->stop_ = std::move(stop);
  writer->progress_ = std::move(progress);
  writer->made_ms_ = now_ms;
  if (auto found = writer->find_previous(); !found) return std::unexpected(found.error());
  writer->name_ = make_name(writer->previous_name_, now_ms);
  fs::path partial = set.folder(writer->name_ + ".partial");
  if (auto made = make_directories(partial); !made) return std::unexpected(made.error());
  writer->partial_ = std::move(partial);
  return writer;
}

BackupWriter::~BackupWriter() {
  std::error_code ignored;
  if (!partial_.empty()) fs::remove_all(partial_, ignored);
}

Result<void> BackupWriter::find_previous() {
  const auto names = set_->names();
  if (!names) return std::unexpected(names.error());
  if (names->empty()) return {};
  previous_name_ = names->back();
  auto inventory = set_->inventory(previous_name_);
  if (!inventory) {
    previous_problem_ = inventory.error().message;
    return {};
  }
  previous_ = std::move(*inventory);
  for (const Entry& entry : previous_->entries) {
    if (entry.kind == Entry::Kind::file) previous_by_path_.push_back(&entry);
  }
  std::ranges::sort(previous_by_path_, {}, [](const Entry* entry) -> const std::string& { return entry->path; });
  return {};
}

const Entry* BackupWriter::previous_entry(const std::string& path) const {
  const auto found = std::ranges::lower_bound(previous_by_path_, path, {},
                                              [](const Entry* entry) -> const std::string& { return entry->path; });
  return found != previous_by_path_.end() && (*found)->path == path ? *found : nullptr;
}

fs::path BackupWriter::path_of(const std::string& name) const { return partial_ / name; }

Result<void> BackupWriter::add_tree(const fs::path& tree, const std::string& name) {
  total_bytes_ += bytes_below(tree);
  std::error_code error;
  for (fs::recursive_directory_iterator entry(tree, error), end; !error && entry != end; entry.increment(error)) {
    const std::string path = name + "/" + entry->path().lexically_relative(tree).generic_string();
    if (auto added = add_entry(*entry, path); !added) return added;
  }
  if (error) return fail(ErrorCode::unavailable, fmt::format("cannot read {}: {}", tree.string(), error.message()));
  return {};
}

Result<void> BackupWriter::add_entry(const fs::directory_entry& found, const std::string& path) {
  std::error_code error;
  const fs::path& from = found.path();
  if (!is_safe_path(path)) {
    return fail(ErrorCode::invalid_input, fmt::format("{}: a name that no file of the store has", from.string()));
  }
  if (found.is_symlink(error)) {
    const std::string target = fs::read_symlink(from, error).string();
    if (!error && !is_safe_target(path, target)) {
      return fail(ErrorCode::invalid_input, fmt::format("{} leads out of the store, to {}", from.string(), target));
    }
    entries_.push_back({Entry::Kind::link, path, 0, 0, {}, target});
  } else if (found.is_directory(error)) {
    if (auto made = make_directories(path_of(path)); !made) return made;
    if (fs::is_empty(from, error)) entries_.push_back({Entry::Kind::directory, path, 0, 0, {}, {}});
  } else {
    auto entry = describe(from, path);
    return entry ? take_file(from, std::move(*entry)) : std::unexpected(entry.error());
  }
  if (error) return fail(ErrorCode::unavailable, fmt::format("cannot read {}: {}", from.string(), error.message()));
  return {};
}

Result<void> BackupWriter::take_file(const fs::path& from, Entry entry) {
  const fs::path to = path_of(entry.path);
  const Entry* before = previous_entry(entry.path);
  const bool same = before != nullptr && before->size == entry.size && before->modified_ns == entry.modified_ns;
  if (same && link_previous(entry, to)) {
    entry.digest = before->digest;
  } else {
    const auto copied = copy_file(from, to, stop_);
    if (!copied) return std::unexpected(copied.error());
    entry.size = copied->size;
    entry.digest = copied->digest;
    if (auto set = set_modified(to, entry.modified_ns); !set) return set;
    ++copied_files_;
    copied_bytes_ += entry.size;
  }
  if (stop_.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
  done_bytes_ += entry.size;
  if (progress_) progress_(done_bytes_, std::max(done_bytes_, total_bytes_));
  entries_.push_back(std::move(entry));
  return {};
}

// False where the file is not there as it was, or the file system makes no (more) links.
bool BackupWriter::link_previous(const Entry& entry, const fs::path& to) const {
  const fs::path from = set_->folder(previous_name_) / entry.path;
  struct stat status{};
  if (::lstat(from.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  if (static_cast<std::uint64_t>(status.st_size) != entry.size) return false;
  return ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), 0) == 0;
}

Result<void> BackupWriter::add_file(const std::string& name) {
  const fs::path file = path_of(name);
  auto entry = describe(file, name);
  if (!entry) return std::unexpected(entry.error());
  const auto hashed = hash_file(file, stop_);
  if (!hashed) return std::unexpected(hashed.error());
  entry->digest = hashed->digest;
  ++copied_files_;
  copied_bytes_ += entry->size;
  entries_.push_back(std::move(*entry));
  return {};
}

Result<WriteOutcome> BackupWriter::finish(const std::string& program, const NotedHead& head,
                                          const NotedHead& audit_head) {
  Inventory inventory{made_ms_, program, head, audit_head, std::move(entries_)};
  std::ranges::sort(inventory.entries, {}, &Entry::path);
  if (auto written = write_file(partial_ / "inventory", to_text(inventory), Existing::replace); !written) {
    return std::unexpected(written.error());
  }
  if (auto synced = sync_file_system(partial_); !synced) return std::unexpected(synced.error());
  std::error_code error;
  fs::rename(partial_, set_->folder(name_), error);
  if (error) {
    return fail(ErrorCode::unavailable, fmt::format("cannot rename {}: {}", partial_.string(), error.message()));
  }
  partial_.clear();
  if (auto synced = sync_file_system(set_->directory()); !synced) return std::unexpected(synced.error());
  return WriteOutcome{name_, inventory.files(), inventory.bytes(), copied_files_, copied_bytes_};
}

}  // namespace sightline::backup
