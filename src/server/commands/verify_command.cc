// sightlined verify: checks a data directory against its hash chain, without a server.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>

#include "base/hash.h"
#include "base/signals.h"
#include "server/api/verify_report.h"
#include "server/commands/command.h"
#include "server/commands/data_directory.h"
#include "server/commands/progress_line.h"
#include "server/verify.h"

namespace sightline::commands {

namespace {

struct VerifyCommandOptions {
  std::string data;
  std::string expect_head;
  std::string expect_audit_head;
  bool json = false;
};

Result<void> read_head(std::string_view option, const std::string& text, std::optional<Sha256Digest>& head) {
  if (text.empty() || (head = parse_digest(text))) return {};
  return fail(ErrorCode::invalid_input, fmt::format("{} must be 64 hexadecimal digits", option));
}

Result<server::VerifyOptions> verify_options(const VerifyCommandOptions& options) {
  server::VerifyOptions verify;
  if (auto read = read_head("--expect-head", options.expect_head, verify.expect_head); !read) {
    return std::unexpected(read.error());
  }
  if (auto read = read_head("--expect-audit-head", options.expect_audit_head, verify.expect_audit_head); !read) {
    return std::unexpected(read.error());
  }
  return verify;
}

void print_text(const server::VerifyReport& report) {
  for (const server::Finding& finding : report.findings) {
    const std::string batch = finding.batch == 0 ? "" : fmt::format(" (batch {})", finding.batch);
    fmt::print("{}{}: {}\n", server::to_string(finding.kind), batch, finding.detail);
  }
  fmt::print("{}: {} batches, {} events, {} alerts, {} audit log entries, {} findings\n",
             report.intact() ? "intact" : "NOT INTACT", report.batches, report.events, report.alerts,
             report.audit_entries, report.finding_count);
  if (report.removed_batches > 0) {
    fmt::print("removed by retention, as the audit log says: {} of the batches, with {} events\n",
               report.removed_batches, report.removed_events);
  }
  fmt::print("head {} {}\n", report.head.number, to_hex(report.head.link));
  fmt::print("audit head {} {}\n", report.audit_head.number, to_hex(report.audit_head.link));
}

int verify_data(const VerifyCommandOptions& options) {
  auto verify = verify_options(options);
  if (!verify) return report(verify.error());
  hold_signals();
  const StopOnSignal signal;
  verify->stop = signal.token();
  ProgressLine progress;
  verify->progress = [&progress](std::uint64_t done, std::uint64_t total) {
    progress.show_count("checking", done, total, "batches");
  };
  const auto directory = find_data_directory(options.data);
  if (!directory) return report(directory.error());
  const SystemClock clock;
  Log log(clock, LogLevel::warning);
  auto data = open_data(*directory, "sightlined verify", log);
  if (!data) return report(data.error());
  const auto checked = server::verify(*data->store, *data->control, *verify);
  progress.clear();
  data->store.reset();  // the engine's threads end before main does
  if (!checked) return report(checked.error());
  if (options.json) {
    api::JsonWriter json;
    api::write_verify_report(json, *checked);
    fmt::print("{}", json.take());
  } else {
    print_text(*checked);
  }
  return checked->intact() ? kFine : kFindings;
}

}  // namespace

void add_verify_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<VerifyCommandOptions>();
  CLI::App* command = app.add_subcommand("verify", "Check a data directory against its hash chain");
  command->add_option("--data", options->data, "The data directory; no server may be running on it")->required();
  command->add_option("--expect-head", options->expect_head, "A head that was noted earlier: it must be in the chain");
  command->add_option("--expect-audit-head", options->expect_audit_head,
                      "An audit head that was noted earlier: it must be in the audit log");
  command->add_flag("--json", options->json, "The report as JSON");
  command->footer(
      "Exit code 0: intact; 1: something was changed; 3: it cannot be read, or was stopped (SIGINT).\n"
      "While a server runs, ask it instead: sightline verify.\n\n"
      "Examples:\n"
      "  sightlined verify --data /var/lib/sightline\n"
      "  sightlined verify --data ./data --expect-head \"$(cat noted-head)\"");
  command->callback([options, &exit_code] { exit_code = verify_data(*options); });
}

}  // namespace sightline::commands
