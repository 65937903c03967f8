// A backup back into a directory: every file is checked while it is copied.
#include <fmt/format.h>
#include <sys/stat.h>

#include <system_error>

#include "server/backup/backup_set.h"

namespace sightline::backup {

namespace fs = std::filesystem;

namespace {

class Restoring {
 public:
  Restoring(const fs::path& from, const Inventory& inventory, const fs::path* directory, const std::stop_token& stop,
            const Progress& progress)
      : from_(from), inventory_(inventory), directory_(directory), stop_(stop), progress_(progress) {}

  // Links last: no file is written through one.
  Result<void> run() {
    for (const Entry& entry : inventory_.entries) {
      if (auto done = take(entry); !done) return done;
    }
    if (directory_ == nullptr) return {};
    for (const Entry& entry : inventory_.entries) {
      if (entry.kind != Entry::Kind::link) continue;
      std::error_code error;
      const fs::path link = *directory_ / entry.path;
      if (auto made = make_directories(link.parent_path()); !made) return made;
      fs::create_symlink(entry.target, link, error);
      if (error) return fail(ErrorCode::unavailable, fmt::format("cannot make {}: {}", link.string(), error.message()));
    }
    return sync_file_system(*directory_);
  }

 private:
  Result<void> take(const Entry& entry) {
    if (entry.kind == Entry::Kind::directory) {
      return directory_ == nullptr ? Result<void>() : make_directories(*directory_ / entry.path);
    }
    if (entry.kind != Entry::Kind::file) return {};
    const fs::path source = from_ / entry.path;
    struct stat status{};
    if (::lstat(source.c_str(), &status) != 0) return corrupt(source, "it is missing");
    if (!S_ISREG(status.st_mode)) return corrupt(source, "it is no file");
    const auto content = directory_ == nullptr ? hash_file(source, stop_) : copy(source, entry);
    if (!content) return std::unexpected(content.error());
    if (content->size != entry.size) {
      return corrupt(source, fmt::format("it has {} bytes, {} were written", content->size, entry.size));
    }
    if (content->digest != entry.digest) return corrupt(source, "its content was changed (SHA-256)");
    done_ += entry.size;
    if (progress_) progress_(done_, total_);
    return directory_ == nullptr ? Result<void>() : set_modified(*directory_ / entry.path, entry.modified_ns);
  }

  Result<Content> copy(const fs::path& source, const Entry& entry) {
    const fs::path target = *directory_ / entry.path;
    if (auto made = make_directories(target.parent_path()); !made) return std::unexpected(made.error());
    return copy_file(source, target, stop_);
  }

  static std::unexpected<Error> corrupt(const fs::path& file, const std::string& how) {
    return fail(ErrorCode::corrupt, fmt::format("the backup is damaged: {}: {}", file.string(), how));
  }

  const fs::path& from_;
  const Inventory& inventory_;
  const fs::path* directory_;
  const std::stop_token& stop_;
  const Progress& progress_;
  const std::uint64_t total_ = inventory_.bytes();
  std::uint64_t done_ = 0;
};

}  // namespace

Result<void> restore(const BackupSet& set, const std::string& name, const Inventory& inventory,
                     const fs::path* directory, const std::stop_token& stop, const Progress& progress) {
  const fs::path from = set.folder(name);
  return Restoring(from, inventory, directory, stop, progress).run();
}

}  // namespace sightline::backup
