#include "store/clickhouse/embedded/store_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
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

class Linker {
 public:
  Linker(const fs::path& source, const fs::path& target, const std::stop_token& stop)
      : source_(source), target_(target), stop_(stop) {}

  // The names last: they are stored before the events that need them.
  Result<void> run() {
    std::error_code error;
    names_ = fs::weakly_canonical(source_ / "data" / "sightline" / "names", error);
    for (const bool with_names : {false, true}) {
      with_names_ = with_names;
      if (auto linked = run_until_complete(); !linked) return linked;
    }
    return {};
  }

 private:
  Result<void> run_until_complete() {
    for (int pass = 0; pass < kMaxPasses; ++pass) {
      vanished_ = false;
      if (auto linked = link_directory(source_, target_); !linked) return linked;
      if (!vanished_) return {};
    }
    return fail(ErrorCode::unavailable, fmt::format("the files of {} change too fast to be held", source_.string()));
  }

  // A folder that vanishes while its files are linked was replaced by a merged one: what was linked of it goes.
  Result<void> link_directory(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to, error);
    if (error) return failed("cannot make", to, error);
    std::vector<fs::directory_entry> entries;
    for (fs::directory_iterator entry(from, error), end; !error && entry != end; entry.increment(error)) {
      entries.push_back(*entry);
    }
    bool torn = false;
    for (const fs::directory_entry& entry : entries) {
      if (stop_.stop_requested()) return fail(ErrorCode::cancelled, "stopped");
      if (is_passing(entry.path()) || (!with_names_ && entry.path() == names_)) continue;
      if (auto linked = link_entry(entry, to / entry.path().filename(), torn); !linked) return linked;
    }
    if (!error && !torn && fs::exists(from, error)) return {};
    if (error && error != std::errc::no_such_file_or_directory) return failed("cannot read", from, error);
    vanished_ = true;
    fs::remove_all(to, error);
    return error ? failed("cannot remove", to, error) : Result<void>();
  }

  // `torn`: it is not there any more.
  Result<void> link_entry(const fs::directory_entry& entry, const fs::path& to, bool& torn) {
    std::error_code error;
    if (entry.is_symlink(error)) {
      if (fs::exists(fs::symlink_status(to, error))) return {};
      fs::copy_symlink(entry.path(), to, error);
      return error ? failed("cannot make", to, error) : Result<void>();
    }
    // Asked by what the listing said: what vanished since must not pass for something else.
    if (entry.is_directory(error)) return link_directory(entry.path(), to);
    if (::linkat(AT_FDCWD, entry.path().c_str(), AT_FDCWD, to.c_str(), 0) == 0 || errno == EEXIST) return {};
    if (errno == ENOENT) {
      torn = true;
      return {};
    }
    if (errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP) {
      return fail(ErrorCode::unavailable,
                  fmt::format("{} cannot be linked from {}: both must be on one file system that has hard links",
                              entry.path().string(), to.string()));
    }
    return failed("cannot link", entry.path(), {errno, std::generic_category()});
  }

  static std::unexpected<Error> failed(std::string_view what, const fs::path& path, const std::error_code& error) {
    return fail(ErrorCode::unavailable, fmt::format("{} {}: {}", what, path.string(), error.message()));
  }

  const fs::path& source_;
  const fs::path& target_;
  const std::stop_token& stop_;
  fs::path names_;
  bool with_names_ = false;
  bool vanished_ = false;
};

}  // namespace

Result<void> link_embedded_files(const fs::path& source, const fs::path& target, const std::stop_token& stop) {
  std::error_code error;
  if (fs::exists(target, error)) {
    return fail(ErrorCode::unavailable, fmt::format("{} is there already", target.string()));
  }
  return Linker(source, target, stop).run();
}

}  // namespace sightline::store
