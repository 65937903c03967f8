// A data directory at one moment between two commits, for a backup.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>

#include "base/descriptor.h"
#include "base/error.h"
#include "control/control_copy.h"

namespace sightline::commands {

// Links to the files of the event store, in a folder of their own under DIR/snapshots, and the control database as it
// was then. The folder goes with the object; one that a killed backup left goes with the next.
class DataSnapshot {
 public:
  // Of a directory on which a server may be running: its next commit waits while the links are made.
  // Errors: unavailable, conflict (a server is starting, or another backup takes its snapshot), corrupt, cancelled.
  static Result<std::unique_ptr<DataSnapshot>> take(const std::filesystem::path& directory,
                                                    const std::stop_token& stop);
  ~DataSnapshot();
  DataSnapshot(const DataSnapshot&) = delete;
  DataSnapshot& operator=(const DataSnapshot&) = delete;

  std::filesystem::path events() const { return folder_ / "events"; }
  control::ControlCopy& control() { return *control_; }

 private:
  DataSnapshot() = default;
  Result<void> make_folder(const std::filesystem::path& directory);

  std::filesystem::path folder_;
  Descriptor lock_;  // on the folder: it is in use
  std::unique_ptr<control::ControlCopy> control_;
};

}  // namespace sightline::commands
