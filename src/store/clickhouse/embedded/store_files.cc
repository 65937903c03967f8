#include "store/clickhouse/embedded/store_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace sightline::store {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxPasses = 1'000;

// What the engine has not put in place yet, is about to remove, or makes at every start.
bool is_passing(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("tmp") || name.starts_with("delete_tmp") || name.starts_with("deleting_") ||
         name == "status" || name == "preprocessed_configs";
}

bool is_same_file(const fs::path& one, const fs::path& other) {
  struct stat first{};
  struct stat second{};
  return ::lstat(one.c_str(), &first) == 0 && ::lstat(other.c_str(), &second) == 0 && first.st_ino == second.st_ino;
}

std::unexpected<Error> failed(std::string_view what, const fs::path& path, const std::error_code& error) {
  return fail(ErrorCode::unavailable, fmt::format("{} {}: {}", what, path.string(), error.message()));
}

Result<std::vector<fs::directory_entry>> list(const fs::path& directory) {
  std::error_code error;
  std::vector<fs::directory_entry> entries;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    entries.push_back(*entry);
  }
  if (error && error != std::errc::no_such_file_or_directory) return failed("cannot read", directory, error);
  return entries;
}

}  // namespace

// One walk through a directory.
class StoreFileLinks::Pass {
 public:
  // Leaves out the directory `but`.
  Pass(StoreFileLinks& links, const fs::path& but, const std::stop_token& stop)
      : links_(links), but_(but), stop_(stop) {}

  // True where nothing vanished meanwhile.
  Result<bool> run(const fs::path& from, const fs::path& to) {
    if (auto linked = link_directory(from, to); !linked) return std::unexpected(linked.error());
    return !vanished_;
  }

 private:
  // A folder that vanishes while its files are linked was replaced by a merged one: the next pass takes away what was
  // linked of it.
  Result<void> link_directory(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to, error);
    if (error) return failed("cannot make", to, error);
    const auto entries = list(from);
    if (!entries) return std::unexpected(entries.error());
    if (auto gone = remove_others(*entries, to); !gone) return gone;
    bool torn = false;
    bool is_part = false;
    for (const fs::directory_entry& entry : *entries) {
      if (stop_.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
      if (is_passing(entry.path()) || entry.path() == but_) continue;
      is_part = is_part || entry.path().filename() == "checksums.txt";
      if (auto linked = link_entry(entry, to / entry.path().filename(), torn); !linked) return linked;
    }
    if (torn || !fs::exists(from, error)) {
      vanished_ = true;
    } else if (is_part) {
      links_.complete_.insert(to);
    }
    return {};
  }

  // What an earlier pass linked and is not there any more.
  Result<void> remove_others(const std::vector<fs::directory_entry>& entries, const fs::path& to) {
    std::set<fs::path> names;
    for (const fs::directory_entry& entry : entries) names.insert(entry.path().filename());
    const auto linked = list(to);
    if (!linked) return std::unexpected(linked.error());
    for (const fs::directory_entry& entry : *linked) {
      if (names.contains(entry.path().filename())) continue;
      std::error_code error;
      fs::remove_all(entry.path(), error);
      if (error) return failed("cannot remove", entry.path(), error);
      links_.complete_.erase(entry.path());
    }
    return {};
  }

  // `torn`: it is not there any more.
  Result<void> link_entry(const fs::directory_entry& entry, const fs::path& to, bool& torn) {
    std::error_code error;
    if (entry.is_symlink(error)) {
      if (fs::exists(fs::symlink_status(to, error))) return {};
      fs::copy_symlink(entry.path(), to, error);
      return error ? failed("cannot make", to, error) : Result<void>();
    }
    if (entry.is_directory(error))
      return links_.complete_.contains(to) ? Result<void>() : link_directory(entry.path(), to);
    if (::linkat(AT_FDCWD, entry.path().c_str(), AT_FDCWD, to.c_str(), 0) == 0) return {};
    const std::error_code reason(errno, std::generic_category());
    if (reason == std::errc::file_exists && is_same_file(entry.path(), to)) return {};
    if (reason == std::errc::file_exists && fs::remove(to, error)) return link_entry(entry, to, torn);
    if (reason == std::errc::no_such_file_or_directory) {
      torn = true;
      return {};
    }
    if (reason.value() == EXDEV || reason.value() == EPERM || reason.value() == EOPNOTSUPP) {
      return fail(ErrorCode::unavailable,
                  fmt::format("{} cannot be linked from {}: both must be on one file system that has hard links",
                              entry.path().string(), to.string()));
    }
    return failed("cannot link", entry.path(), reason);
  }

  StoreFileLinks& links_;
  const fs::path& but_;
  const std::stop_token& stop_;
  bool vanished_ = false;
};

Result<void> StoreFileLinks::update_directory(const fs::path& below, const fs::path& but, const std::stop_token& stop) {
  for (int pass = 0; pass < kMaxPasses; ++pass) {
    const auto complete = Pass(*this, but, stop).run(source_ / below, target_ / below);
    if (!complete) return std::unexpected(complete.error());
    if (*complete) return {};
  }
  return fail(ErrorCode::unavailable, fmt::format("the files of {} change too fast to be held", source_.string()));
}

// The names last: they are stored before the events that need them.
Result<void> StoreFileLinks::update(const std::stop_token& stop) {
  std::error_code error;
  const fs::path source = fs::weakly_canonical(source_, error);
  const fs::path names =
      fs::weakly_canonical(source_ / "data" / "sightline" / "names", error).lexically_relative(source);
  if (auto linked = update_directory({}, source_ / names, stop); !linked) return linked;
  return fs::is_directory(source_ / names, error) ? update_directory(names, {}, stop) : Result<void>();
}

}  // namespace sightline::store
