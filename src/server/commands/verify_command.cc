// sightlined verify: checks a data directory against its hash chain, without a server.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "server/api/verify_report.h"
#include "server/commands/command.h"
#include "server/commands/data_directory.h"
#include "server/verify.h"

namespace sightline::commands {

namespace {

struct VerifyCommandOptions {
  std::string data;
  std::string expect_head;
  bool json = false;
};

Result<server::VerifyOptions> verify_options(const VerifyCommandOptions& options) {
  server::VerifyOptions verify;
  if (!options.expect_head.empty()) {
    const auto bytes = from_hex(options.expect_head);
    if (!bytes || bytes->size() != sizeof(Sha256Digest)) {
      return fail(ErrorCode::invalid_input, "--expect-head must be 64 hexadecimal digits");
    }
    std::copy_n(bytes->begin(), sizeof(Sha256Digest), verify.expect_head.emplace().begin());
  }
  if (::isatty(STDERR_FILENO) == 1) {
    verify.progress = [](std::uint64_t done, std::uint64_t total) {
      fmt::print(stderr, "\r{} of {} batches{}", done, total, done == total ? "\n" : "");
    };
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
  fmt::print("head {} {}\n", report.head.number, to_hex(report.head.link));
}

int verify_data(const VerifyCommandOptions& options) {
  const auto verify = verify_options(options);
  if (!verify) return report(verify.error());
  const auto directory = find_data_directory(options.data);
  if (!directory) return report(directory.error());
  const SystemClock clock;
  Log log(clock, LogLevel::warning);
  auto data = open_data(*directory, log);
  if (!data) return report(data.error());
  const auto checked = server::verify(*data->store, *data->control, *verify);
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
  command->add_flag("--json", options->json, "The report as JSON");
  command->footer(
      "Exit code 0: intact; 1: something was changed; 3: it cannot be read.\n"
      "While a server runs, ask it instead: sightline verify.\n\n"
      "Examples:\n"
      "  sightlined verify --data /var/lib/sightline\n"
      "  sightlined verify --data ./data --expect-head \"$(cat noted-head)\"");
  command->callback([options, &exit_code] { exit_code = verify_data(*options); });
}

}  // namespace sightline::commands
