// The data directory, and the two databases in it.
#pragma once

#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "control/control_store.h"
#include "server/commands/data_lock.h"
#include "server/commit_gate.h"
#include "store/event_store.h"

namespace sightline::commands {

// A file in a directory to which a backup is being restored: nothing works on it.
inline constexpr const char* kUnfinishedRestore = "unfinished-restore";

struct OpenData {
  DataLock lock;  // first: it goes last
  server::CommitGate gate;
  std::unique_ptr<control::ControlStore> control;
  std::unique_ptr<store::EventStore> store;
};

// `directory` as an absolute path, made (mode 0700) where it is missing. Errors: unavailable.
Result<std::filesystem::path> make_data_directory(const std::filesystem::path& directory);
// Error: not_found where it does not hold data of Sightline.
Result<std::filesystem::path> find_data_directory(const std::filesystem::path& directory);

// Error: corrupt where a restore did not get to its end.
Result<void> check_restored(const std::filesystem::path& directory);

// For `command` ("sightlined serve"), while no other process has the directory. `log` outlives the store.
// Errors: those of DataLock, ControlStore and the store.
Result<OpenData> open_data(const std::filesystem::path& directory, std::string_view command, Log& log);
// The same without the event store.
Result<OpenData> open_control(const std::filesystem::path& directory, std::string_view command);

}  // namespace sightline::commands
