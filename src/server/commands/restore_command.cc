// sightlined restore: a backup back into a data directory, checked file by file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <system_error>

#include "base/signals.h"
#include "event/time.h"
#include "server/backup/backup_set.h"
#include "server/commands/command.h"
#include "server/commands/data_directory.h"
#include "server/commands/progress_line.h"
#include "server/commands/size_text.h"

namespace sightline::commands {

namespace {

namespace fs = std::filesystem;

struct RestoreOptions {
  std::string from;
  std::string name;
  std::string data;
  bool list = false;
  bool check = false;
};

Result<int> list(const backup::BackupSet& set) {
  const auto names = set.names();
  if (!names) return std::unexpected(names.error());
  int code = kFine;
  for (const std::string& name : *names) {
    const auto inventory = set.inventory(name);
    if (inventory) {
      fmt::print("{}  {}  {} batches  {}\n", name, format_iso8601(inventory->made_ms), inventory->head.number,
                 size_text(inventory->bytes()));
    } else {
      fmt::print("{}  cannot be restored: {}\n", name, inventory.error().message);
      code = kFindings;
    }
  }
  return code;
}

// The directory, which is empty; marked, so that nothing opens it before everything is there.
Result<fs::path> make_target(const std::string& data) {
  auto directory = make_data_directory(data);
  if (!directory) return directory;
  std::error_code error;
  for (fs::directory_iterator entry(*directory, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().filename() == "lost+found") continue;  // of a file system of its own
    return fail(ErrorCode::conflict, fmt::format("{} is not empty ({}): restore to an empty or new directory",
                                                 directory->string(), entry->path().filename().string()));
  }
  if (error) {
    return fail(ErrorCode::unavailable, fmt::format("cannot read {}: {}", directory->string(), error.message()));
  }
  if (auto marked = write_file(*directory / kUnfinishedRestore, "See sightlined restore --help.\n", Existing::replace);
      !marked) {
    return std::unexpected(marked.error());
  }
  return directory;
}

// What a restore that failed wrote; it was empty before.
void clear_target(const fs::path& directory) {
  std::error_code ignored;
  for (const char* name : {"events", "control.db", kUnfinishedRestore}) fs::remove_all(directory / name, ignored);
}

Result<int> restore_to(const RestoreOptions& options, const backup::BackupSet& set, const std::string& name,
                       const backup::Inventory& inventory, const StopOnSignal& signal) {
  ProgressLine progress;
  const auto show = [&](std::uint64_t done, std::uint64_t total) {
    progress.show_bytes(options.check ? "checking" : "restoring", done, total);
  };
  if (options.check) {
    if (auto checked = backup::restore(set, name, inventory, nullptr, signal.token(), show); !checked) {
      return std::unexpected(checked.error());
    }
    progress.clear();
    fmt::print("backup {}: {} files, {}, all as they were written\n", name, inventory.files(),
               size_text(inventory.bytes()));
    return kFine;
  }
  const auto directory = make_target(options.data);
  if (!directory) return std::unexpected(directory.error());
  if (auto restored = backup::restore(set, name, inventory, &*directory, signal.token(), show); !restored) {
    clear_target(*directory);
    return std::unexpected(restored.error());
  }
  std::error_code error;
  if (!fs::remove(*directory / kUnfinishedRestore, error)) {
    return fail(ErrorCode::unavailable, fmt::format("cannot remove {}/{}", directory->string(), kUnfinishedRestore));
  }
  progress.clear();
  fmt::print("restored backup {} to {}: {} files, {}\n", name, directory->string(), inventory.files(),
             size_text(inventory.bytes()));
  fmt::print("check it: sightlined verify --data {} --expect-head {} --expect-audit-head {}\n", directory->string(),
             to_hex(inventory.head.link), to_hex(inventory.audit_head.link));
  return kFine;
}

Result<int> run(const RestoreOptions& options) {
  if (!options.list && !options.check && options.data.empty()) {
    return fail(ErrorCode::invalid_input, "--data is required: where to restore to; or --list, or --check");
  }
  hold_signals();
  const StopOnSignal signal;
  const auto set = backup::BackupSet::open(options.from);
  if (!set) return std::unexpected(set.error());
  if (options.list) return list(*set);
  std::string name = options.name;
  if (name.empty()) {
    const auto names = set->names();
    if (!names) return std::unexpected(names.error());
    if (names->empty()) return fail(ErrorCode::not_found, fmt::format("{} has no complete backup", options.from));
    name = names->back();
  }
  const auto inventory = set->inventory(name);
  if (!inventory) return std::unexpected(inventory.error());
  return restore_to(options, *set, name, *inventory, signal);
}

}  // namespace

void add_restore_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<RestoreOptions>();
  CLI::App* command = app.add_subcommand("restore", "Make a data directory from a backup, list backups, check one");
  command->add_option("--from", options->from, "Folder of backups")->required();
  command->add_option("--backup", options->name, "Which one, by its name in --list; otherwise the newest");
  CLI::Option* data = command->add_option("--data", options->data, "Empty or new directory to restore to");
  CLI::Option* list = command->add_flag("--list", options->list, "List the backups")->excludes(data);
  command->add_flag("--check", options->check, "Read the backup and compare its checksums, restore nothing")
      ->excludes(data)
      ->excludes(list);
  command->footer(
      "Every file is checked against the backup's checksums. Exit code 0: done; 1: --list met a damaged backup; 2: "
      "wrong "
      "usage; 3: not done, and nothing is left in --data.\n\n"
      "Examples:\n"
      "  sightlined restore --from /mnt/backup/sightline --list\n"
      "  sightlined restore --from /mnt/backup/sightline --check\n"
      "  sightlined restore --from /mnt/backup/sightline --data /var/lib/sightline-restored");
  command->callback([options, &exit_code] {
    const auto done = run(*options);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace sightline::commands
