#include "server/commands/data_directory.h"

#include <fmt/format.h>

#include "store/clickhouse/embedded/embedded_store.h"

namespace sightline::commands {

namespace fs = std::filesystem;

Result<fs::path> make_data_directory(const fs::path& directory) {
  std::error_code error;
  const fs::path path = fs::absolute(directory, error).lexically_normal();
  if (!error && fs::create_directories(path, error)) {
    fs::permissions(path, fs::perms::owner_all, fs::perm_options::replace, error);
  }
  if (error || !fs::is_directory(path, error)) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot make the data directory {}: {}", path.string(),
                            error ? error.message() : std::string("something else has that name")));
  }
  return path;
}

Result<fs::path> find_data_directory(const fs::path& directory) {
  std::error_code error;
  const fs::path path = fs::absolute(directory, error).lexically_normal();
  if (error || !fs::exists(path / "control.db", error)) {
    return fail(ErrorCode::not_found, fmt::format("{} is not a data directory of sightlined", path.string()));
  }
  return path;
}

Result<void> check_restored(const fs::path& directory) {
  std::error_code error;
  if (!fs::exists(directory / kUnfinishedRestore, error)) return {};
  return fail(ErrorCode::corrupt, fmt::format("{} was being restored from a backup when that was interrupted: remove "
                                              "the directory and restore again",
                                              directory.string()));
}

Result<OpenData> open_control(const fs::path& directory, std::string_view command) {
  if (auto whole = check_restored(directory); !whole) return std::unexpected(whole.error());
  OpenData data;
  auto lock = DataLock::take(directory, command);
  if (!lock) return std::unexpected(lock.error());
  data.lock = std::move(*lock);
  auto control = control::ControlStore::open(directory);
  if (!control) return std::unexpected(control.error());
  data.control = std::move(*control);
  return data;
}

namespace {

constexpr std::chrono::minutes kGatePatience(5);

// Tables may be brought up to date: no backup must look meanwhile.
Result<void> open_store(const fs::path& directory, OpenData& data, Log& log) {
  const auto closed = data.gate.close(kGatePatience);
  if (!closed) return std::unexpected(closed.error());
  if (!*closed) {
    return fail(ErrorCode::conflict,
                fmt::format("a backup of {} holds it up: stop it, or start again later", directory.string()));
  }
  store::EmbeddedOptions options;
  options.directory = (directory / "events").string();
  options.log = [&log](std::string_view message) { log.info(message); };
  auto store = store::open_embedded(options);
  data.gate.reopen();
  if (!store) return std::unexpected(store.error());
  data.store = std::move(*store);
  return {};
}

}  // namespace

Result<OpenData> open_data(const fs::path& directory, std::string_view command, Log& log) {
  auto opened = open_control(directory, command);
  if (!opened) return opened;
  auto gate = server::CommitGate::open(directory);
  if (!gate) return std::unexpected(gate.error());
  opened->gate = std::move(*gate);
  if (auto store = open_store(directory, *opened, log); !store) return std::unexpected(store.error());
  return opened;
}

}  // namespace sightline::commands
