// sightlined backup: copies a data directory, also beside a running server, and again only what is new.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/signals.h"
#include "server/backup/backup_set.h"
#include "server/commands/command.h"
#include "server/commands/data_directory.h"
#include "server/commands/data_snapshot.h"
#include "server/commands/progress_line.h"
#include "server/commands/size_text.h"

namespace sightline::commands {

namespace {

namespace fs = std::filesystem;

struct BackupOptions {
  std::string data;
  std::string to;
};

bool is_inside(const fs::path& inner, const fs::path& outer) {
  const fs::path relative = inner.lexically_relative(outer);
  return !relative.empty() && *relative.begin() != "..";
}

Result<void> check_apart(const fs::path& given_data, const fs::path& given_to) {
  std::error_code error;
  const fs::path data = fs::weakly_canonical(given_data, error);
  const fs::path to = error ? fs::path() : fs::weakly_canonical(given_to, error);
  if (error) {
    return fail(ErrorCode::unavailable,
                fmt::format("cannot look at {} and {}: {}", given_data.string(), given_to.string(), error.message()));
  }
  if (!is_inside(to, data) && !is_inside(data, to)) return {};
  return fail(ErrorCode::invalid_input, "--data and --to must be apart: neither may be inside the other");
}

backup::NotedHead noted(const control::ChainHead& head) { return {head.number, head.link}; }
control::ChainHead head_of(const backup::NotedHead& noted) { return {noted.number, noted.link}; }

// Whether the chains lead through the heads that the backup before noted.
Result<bool> continues(control::ControlCopy& control, const backup::BackupWriter& writer) {
  if (!writer.previous()) return true;
  const auto batches = control.leads_through(head_of(writer.previous()->head));
  if (!batches || !*batches) return batches;
  return control.audit_leads_through(head_of(writer.previous()->audit_head));
}

void print_outcome(const backup::WriteOutcome& written, const control::ControlCopy& control) {
  fmt::print("backup {}: {} files, {}; copied {} files, {}\n", written.name, written.files, size_text(written.bytes),
             written.copied_files, size_text(written.copied_bytes));
  fmt::print("head {} {}\n", control.head().number, to_hex(control.head().link));
  fmt::print("audit head {} {}\n", control.audit_head().number, to_hex(control.audit_head().link));
}

Result<int> back_up(const BackupOptions& options) {
  hold_signals();
  const StopOnSignal signal;
  const auto directory = find_data_directory(options.data);
  if (!directory) return std::unexpected(directory.error());
  if (auto whole = check_restored(*directory); !whole) return std::unexpected(whole.error());
  if (auto apart = check_apart(*directory, options.to); !apart) return std::unexpected(apart.error());
  const auto set = backup::BackupSet::open_for_writing(options.to);
  if (!set) return std::unexpected(set.error());
  ProgressLine progress;
  const auto show = [&progress](std::uint64_t done, std::uint64_t total) {
    progress.show_bytes("backing up", done, total);
  };
  const auto writer = backup::BackupWriter::begin(*set, SystemClock().now_ms(), signal.token(), show);
  if (!writer) return std::unexpected(writer.error());
  if (const std::string& problem = (*writer)->previous_problem(); !problem.empty()) {
    fmt::print(stderr, "sightlined: the backup before cannot be read, so everything is copied: {}\n", problem);
  }
  const auto snapshot = DataSnapshot::take(*directory, signal.token());
  if (!snapshot) return std::unexpected(snapshot.error());
  control::ControlCopy& control = (*snapshot)->control();
  if (auto copied = control.write_to((*writer)->path_of("control.db"), signal.token(), show); !copied) {
    return std::unexpected(copied.error());
  }
  if (auto added = (*writer)->add_file("control.db"); !added) return std::unexpected(added.error());
  if (auto added = (*writer)->add_tree((*snapshot)->events(), "events"); !added) return std::unexpected(added.error());
  const auto same = continues(control, **writer);
  if (!same) return std::unexpected(same.error());
  const auto written = (*writer)->finish(SIGHTLINE_VERSION, noted(control.head()), noted(control.audit_head()));
  if (!written) return std::unexpected(written.error());
  progress.clear();
  print_outcome(*written, control);
  if (*same) return kFine;
  fmt::print(
      stderr,
      "sightlined: the chains do not lead through the heads of the backup before: this is another data "
      "directory, or one restored from an older backup, or its history was rewritten. Keep the backups before.\n");
  return kFindings;
}

}  // namespace

void add_backup_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<BackupOptions>();
  CLI::App* command = app.add_subcommand("backup", "Copy a data directory; a server may be running on it");
  command->add_option("--data", options->data, "The data directory")->required();
  command->add_option("--to", options->to, "Folder of backups, made where it is missing; better on another disk")
      ->required();
  command->footer(
      "A second backup to the same folder copies what is new; each can be restored by itself, and deleted (rm -r) "
      "without harm to the others. One that was interrupted does not count.\n"
      "Exit code 0: done; 1: done, but it is not a continuation of the backup before; 2: wrong usage; 3: not done.\n\n"
      "Examples:\n"
      "  sightlined backup --data /var/lib/sightline --to /mnt/backup/sightline\n"
      "  sightlined restore --from /mnt/backup/sightline --list");
  command->callback([options, &exit_code] {
    const auto done = back_up(*options);
    exit_code = done ? *done : report(done.error());
  });
}

}  // namespace sightline::commands
