#include "server/commands/data_snapshot.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <system_error>

#include "server/backup/files.h"
#include "server/commit_gate.h"
#include "store/clickhouse/embedded/store_files.h"

namespace sightline::commands {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes kGatePatience(1);

// Those that no process has locked: their backup was killed.
void remove_abandoned(const fs::path& snapshots) {
  std::error_code error;
  for (fs::directory_iterator entry(snapshots, error), end; !error && entry != end; entry.increment(error)) {
    const auto lock = backup::lock_directory(entry->path());
    std::error_code ignored;
    if (lock && lock->open()) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

Result<void> DataSnapshot::make_folder(const fs::path& directory) {
  const fs::path snapshots = directory / "snapshots";
  if (auto made = backup::make_directories(snapshots); !made) return made;
  remove_abandoned(snapshots);
  std::string folder = (snapshots / "XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return system_error("cannot make a folder in", snapshots);
  folder_ = folder;
  auto lock = backup::lock_directory(folder_);
  if (!lock) return std::unexpected(lock.error());
  if (!lock->open()) return fail(ErrorCode::conflict, fmt::format("{} is being cleaned up: try again", folder));
  lock_ = std::move(*lock);
  return {};
}

Result<std::unique_ptr<DataSnapshot>> DataSnapshot::take(const fs::path& directory, const std::stop_token& stop) {
  std::unique_ptr<DataSnapshot> snapshot(new DataSnapshot);
  if (auto made = snapshot->make_folder(directory); !made) return std::unexpected(made.error());
  // Most of it before commits have to wait.
  store::StoreFileLinks links(directory / "events", snapshot->events());
  if (auto linked = links.update(stop); !linked) return std::unexpected(linked.error());
  auto gate = server::CommitGate::open(directory);
  if (!gate) return std::unexpected(gate.error());
  const auto closed = gate->close(kGatePatience);
  if (!closed) return std::unexpected(closed.error());
  if (!*closed) {
    return fail(ErrorCode::conflict,
                fmt::format("{} is being opened, or another backup is looking at it: try again", directory.string()));
  }
  // Every batch with a manifest has its events in the store: so the manifests are held first.
  auto control = control::ControlCopy::hold(directory);
  if (!control) return std::unexpected(control.error());
  snapshot->control_ = std::move(*control);
  auto linked = links.update(stop);
  gate->reopen();
  if (!linked) return std::unexpected(linked.error());
  return snapshot;
}

DataSnapshot::~DataSnapshot() {
  std::error_code ignored;
  if (folder_.empty()) return;
  fs::remove_all(folder_, ignored);
  fs::remove(folder_.parent_path(), ignored);  // where no other backup has one there
}

}  // namespace sightline::commands
