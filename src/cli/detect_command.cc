// sightline detect: rules over files of telemetry. Needs no server.
#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/formats.h"
#include "cli/input/input.h"
#include "cli/rule_files.h"
#include "cli/terminal/terminal_text.h"
#include "detect/offline.h"

namespace sightline::cli {
namespace {

struct DetectOptions {
  RuleFiles files;
  std::string format;
  SenderOptions sender;
  std::string file;
  std::vector<std::string> host_tags;
  bool stats = false;
};

constexpr std::string_view kExamples = R"(Examples:
  sightline detect --rules rules/ --format auditd /var/log/audit/audit.log
  zcat trail.json.gz | sightline detect --rules rules/ --format cloudtrail - --stats

One JSON object a match: rule_id, title, severity, event_index (from 0), event_id, event_time. Matches are the answer,
not a failure: the exit code is 0. It is 1 where input did not decode, and 2 where a rule does not load.)";

void print_rejected(Io& io, const DetectOptions& options, const detect::OfflineStatistics& statistics) {
  for (const sources::Rejected& rejected : statistics.first_rejected) {
    io.err << fmt::format("{}:{}: {}\n", printable(options.file), rejected.line, printable(rejected.error));
  }
  if (statistics.rejected > 0) report(io, fmt::format("{} of the input did not decode", statistics.rejected));
}

Result<ExitCode> run_detect(const DetectOptions& options, Io& io) {
  const Result<FormatChoice> choice = parse_format_choice(options.format);
  if (!choice) return std::unexpected(choice.error());
  const Result<sources::DecodeContext> context = options.sender.context(io.clock);
  if (!context) return std::unexpected(context.error());
  const auto rules = load_rules(options.files);
  if (!rules) return std::unexpected(rules.error());
  print_problems(io, **rules);
  if ((*rules)->rules().empty()) return fail(ErrorCode::invalid_input, "no rule to look with");
  Result<Input> input = Input::open(options.file, io.in_fd);
  if (!input) return std::unexpected(input.error());
  const Result<sources::Format> format = format_of(*choice, *input, io);
  if (!format) return std::unexpected(format.error());

  const detect::Detector detector(*rules);
  const auto decoder = sources::make_decoder(*format, *context);
  InputStream stream(std::move(*input));
  const auto print = [&](std::string_view match) { print_json_line(io, match); };
  const auto tags_of = [&](std::string_view) { return options.host_tags; };
  const auto statistics =
      detect::detect_stream(stream, options.file, *decoder, detector, io.clock.now_ms(), tags_of, print);
  io.out.flush();
  if (stream.error()) return std::unexpected(*stream.error());
  if (!statistics) return std::unexpected(statistics.error());
  print_rejected(io, options, *statistics);
  if (options.stats) io.err << to_json(*statistics) << '\n';
  if (!(*rules)->problems().empty()) return ExitCode::usage;
  return statistics->rejected > 0 ? ExitCode::findings : ExitCode::fine;
}

}  // namespace

void add_detect(Command& program, Io& io) {
  const auto options = std::make_shared<DetectOptions>();
  Command& command = program.add("detect", "Try rules on a file of telemetry, without a server");
  command.positional("FILE", options->file, "The input, plain, gzip or zstd; - is standard input")
      .required()
      .option("-r,--rules", "PATH", options->files.rules, "Rule files and folders of them, repeated")
      .required();
  add_sigma_options(command, options->files);
  add_format_option(command, options->format);
  add_sender_options(command, options->sender);
  command.option("--host-tag", "TAG", options->host_tags,
                 "A tag of the host the events are of, repeated: for rulesets");
  command.flag("--stats", options->stats, "Counts and speed as JSON on standard error, at the end");
  command.examples(kExamples).action([options, &io] { return run_detect(*options, io); });
}

}  // namespace sightline::cli
