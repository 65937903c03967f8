// A folder of backups. Each backup is a folder of its own with all its files; those that did not change are hard links
// to the same file of the backup before, so any backup can be deleted without touching the others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "server/backup/files.h"
#include "server/backup/inventory.h"

namespace sightline::backup {

// Bytes gone through so far, and of all.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

class BackupSet {
 public:
  // Errors: not_found where it holds no backups of Sightline.
  static Result<BackupSet> open(const std::filesystem::path& directory);
  // For a new backup: made (mode 0700) where it is missing, and locked. What an interrupted backup left is removed.
  // Errors: conflict (it holds something else, or another backup to it is under way), unavailable.
  static Result<BackupSet> open_for_writing(const std::filesystem::path& directory);

  // Names of the complete backups, the oldest first. Errors: unavailable.
  Result<std::vector<std::string>> names() const;
  // Errors: not_found; corrupt, conflict: as parse_inventory().
  Result<Inventory> inventory(const std::string& name) const;
  std::filesystem::path folder(const std::string& name) const { return directory_ / name; }
  const std::filesystem::path& directory() const { return directory_; }

 private:
  explicit BackupSet(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path directory_;
  Descriptor lock_;
};

struct WriteOutcome {
  std::string name;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t copied_files = 0;  // the others were in the backup before
  std::uint64_t copied_bytes = 0;
};

// One new backup. It counts as one once finish() returned; without that, the destructor removes it.
class BackupWriter {
 public:
  // `set` was opened for writing and outlives the writer. Errors: unavailable.
  static Result<std::unique_ptr<BackupWriter>> begin(const BackupSet& set, std::int64_t now_ms, std::stop_token stop,
                                                     Progress progress);
  ~BackupWriter();
  BackupWriter(const BackupWriter&) = delete;
  BackupWriter& operator=(const BackupWriter&) = delete;

  // Takes over everything below `tree` as `name`/…: files that the backup before has under that path, with the same
  // size and time of modification, are not read. The files must not change meanwhile; `tree` itself may be temporary.
  // Errors: unavailable; invalid_input: something that is neither file, folder nor link; cancelled.
  Result<void> add_tree(const std::filesystem::path& tree, const std::string& name);
  // Where a file that is made for the backup goes; add_file() afterwards.
  std::filesystem::path path_of(const std::string& name) const;
  Result<void> add_file(const std::string& name);

  // The heads are kept in the inventory. Everything is durable when it returns.
  Result<WriteOutcome> finish(const std::string& program, const NotedHead& head, const NotedHead& audit_head);

  // Of the backup before; nullopt where there is none, or it cannot be read and everything is copied.
  const std::optional<Inventory>& previous() const { return previous_; }
  const std::string& previous_problem() const { return previous_problem_; }  // why it cannot be read; empty: it can

 private:
  explicit BackupWriter(const BackupSet& set) : set_(&set) {}
  Result<void> find_previous();
  Result<void> add_entry(const std::filesystem::directory_entry& found, const std::string& path);
  Result<void> take_file(const std::filesystem::path& from, Entry entry);
  bool link_previous(const Entry& entry, const std::filesystem::path& to) const;
  const Entry* previous_entry(const std::string& path) const;

  const BackupSet* set_;
  std::stop_token stop_;
  Progress progress_;
  std::int64_t made_ms_ = 0;
  std::string name_;
  std::filesystem::path partial_;  // empty once finished
  std::string previous_name_;
  std::optional<Inventory> previous_;
  std::string previous_problem_;
  std::vector<const Entry*> previous_by_path_;
  std::vector<Entry> entries_;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
  std::uint64_t copied_files_ = 0;
  std::uint64_t copied_bytes_ = 0;
};

// Copies a backup to `directory`, which exists, and checks every file while it is copied; `directory` null: checks
// alone. Errors: corrupt, naming the file that is missing, was cut short or changed; unavailable; cancelled.
Result<void> restore(const BackupSet& set, const std::string& name, const Inventory& inventory,
                     const std::filesystem::path* directory, const std::stop_token& stop, const Progress& progress);

}  // namespace sightline::backup
