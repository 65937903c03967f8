// sightline verify: whether what is stored is what was committed.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include "cli/all_commands.h"
#include "cli/client/connection.h"
#include "cli/view.h"

namespace sightline::cli {
namespace {

struct VerifyOptions {
  ConnectionOptions connection;
  std::string expect_head;
  std::string expect_audit_head;
  std::string output = "text";
};

constexpr std::int64_t kVerifyTimeoutMs = 24LL * 3'600'000;  // it reads everything stored

void print_report(Io& io, const Json& report) {
  for (const std::string_view name : {"batches", "events", "alerts", "audit_entries"}) {
    if (const auto count = report.integer_of(name)) {
      io.out << fmt::format("{:<16} {}\n", name, format_count(static_cast<std::uint64_t>(*count)));
    }
  }
  for (const std::string_view name : {"removed_batches", "removed_events"}) {
    const std::int64_t count = report.integer_of(name).value_or(0);
    if (count > 0) io.out << fmt::format("{:<16} {}\n", name, format_count(static_cast<std::uint64_t>(count)));
  }
  for (const std::string_view name : {"head", "audit_head"}) {
    if (const Json* link = report.find_path({name, "link"})) {
      io.out << fmt::format("{:<16} {}\n", name, printable(link->as_text()));
    }
  }
  if (const Json* findings = report.find("findings"); findings != nullptr) {
    for (const Json& finding : findings->items) {
      io.out << styled(fmt::format("batch {}: {}: {}", printable(finding.text_of("batch")),
                                   printable(finding.text_of("kind")), printable(finding.text_of("detail"))),
                       Style::red, io.terminal.colour)
             << '\n';
    }
  }
}

// The answer comes as NDJSON while the server works: {"progress":{"done","total"}} lines, then {"report":{…}}.
class ReportReader {
 public:
  explicit ReportReader(Io& io) : io_(io) {}

  void take(std::string_view piece) {
    line_ += piece;
    for (std::size_t feed = line_.find('\n'); feed != std::string::npos; feed = line_.find('\n')) {
      take_line(std::string_view(line_).substr(0, feed));
      line_.erase(0, feed + 1);
    }
  }

  Result<Json> finish() {
    if (!line_.empty()) take_line(line_);
    if (progress_shown_) io_.err << "\r\x1b[K";
    if (error_) return std::unexpected(*error_);
    if (!report_) return fail(ErrorCode::unavailable, "the server broke off before its report");
    return *report_;
  }

 private:
  void take_line(std::string_view line) {
    const Result<Json> json = parse_json(line);
    if (!json) return;
    if (const Json* report = json->find("report")) report_ = *report;
    if (const Json* message = json->find_path({"error", "message"})) {
      error_ = Error{ErrorCode::unavailable, message->as_text()};
    }
    const Json* progress = json->find("progress");
    if (progress == nullptr || !io_.terminal.err) return;
    io_.err << fmt::format("\r\x1b[Kchecking: {} of {} batches", printable(progress->text_of("done")),
                           printable(progress->text_of("total")));
    io_.err.flush();
    progress_shown_ = true;
  }

  Io& io_;
  std::string line_;
  std::optional<Json> report_;
  std::optional<Error> error_;
  bool progress_shown_ = false;
};

Result<Json> ask(const VerifyOptions& options, Io& io, Connection& connection) {
  ReportReader reader(io);
  HttpRequest request;
  request.method = "POST";
  request.timeout_ms = kVerifyTimeoutMs;
  request.on_piece = [&reader](std::string_view piece) { reader.take(piece); };
  std::string path = "/v1/verify";
  for (const auto& [name, head] :
       {std::pair("expect_head=", &options.expect_head), std::pair("expect_audit_head=", &options.expect_audit_head)}) {
    if (head->empty()) continue;
    path += path.find('?') == std::string::npos ? '?' : '&';
    path += name + percent_encode(*head);
  }
  const Result<HttpResponse> response = connection.send(std::move(request), path);
  if (!response) return std::unexpected(response.error());
  if (response->status != 200) {
    return std::unexpected(error_of_answer(*response, connection.server(), connection.has_token()));
  }
  return reader.finish();
}

Result<ExitCode> run_verify(const VerifyOptions& options, Io& io) {
  Result<Connection> connection = Connection::open(options.connection, io);
  if (!connection) return std::unexpected(connection.error());
  const Result<Json> report = ask(options, io, *connection);
  if (!report) return std::unexpected(report.error());
  const Json* intact = report->find("intact");
  if (intact == nullptr) return fail(ErrorCode::unavailable, "the server's answer does not say whether it is intact");
  const bool is_intact = intact->text == "true";
  if (options.output == "json") {
    print_json_line(io, report->raw);
  } else {
    print_report(io, *report);
    const std::string verdict = is_intact ? "intact: everything stored is what was committed"
                                          : "NOT intact; findings: " + printable(report->text_of("finding_count"));
    io.out << styled(verdict, is_intact ? Style::green : Style::red, io.terminal.colour) << '\n';
  }
  return is_intact ? ExitCode::fine : ExitCode::findings;
}

}  // namespace

void add_verify(Command& program, Io& io) {
  const auto options = std::make_shared<VerifyOptions>();
  Command& command = program.add("verify", "Check everything stored against the hash chain");
  command
      .option("--expect-head", "HASH", options->expect_head,
              "A head noted earlier: it must still be a link of the chain")
      .option("--expect-audit-head", "HASH", options->expect_audit_head,
              "An audit_head noted earlier: it must still be a link of the audit log")
      .choice("-o,--output", options->output, {"text", "json"}, "How to show the answer [text]");
  add_connection_options(command, options->connection);
  command
      .examples(
          "Examples:\n  sightline verify\n  sightline verify --expect-head \"$(cat noted-head)\"\n\n"
          "Note both heads somewhere else: with them, not even someone who rewrites both databases goes unseen.")
      .action([options, &io] { return run_verify(*options, io); });
}

}  // namespace sightline::cli
