// sightline rules explain: why a rule fires on an event, or which part of it failed. Needs no server.
#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "base/json_text.h"
#include "cli/all_commands.h"
#include "cli/formats.h"
#include "cli/input/input.h"
#include "cli/rule_files.h"
#include "cli/terminal/terminal_text.h"
#include "cli/view.h"
#include "detect/explain.h"
#include "event/time.h"

namespace sightline::cli {
namespace {

struct ExplainOptions {
  RuleFiles files;
  std::string rule;
  std::string file;
  std::string format;
  std::string output = "text";
  std::uint64_t event = 0;
  SenderOptions sender;
};

constexpr std::uint64_t kMaxEvent = 1'000'000'000;

class Printer {
 public:
  explicit Printer(Io& io) : io_(io) {}

  void part(const detect::ExplainedPart& part, std::size_t depth) {
    io_.out << std::string(2 * depth, ' ')
            << (part.holds ? styled("yes", Style::green, io_.terminal.colour)
                           : styled("no ", Style::red, io_.terminal.colour))
            << "  " << printable(part.text);
    if (!part.value.empty()) io_.out << styled(printable("   " + part.value), Style::dim, io_.terminal.colour);
    io_.out << '\n';
    for (const detect::ExplainedPart& inner : part.parts) this->part(inner, depth + 1);
  }

 private:
  Io& io_;
};

void append_part(std::string& out, const detect::ExplainedPart& part) {
  out += R"({"text":)";
  append_json_string(out, part.text);
  out += fmt::format(R"(,"holds":{},"value":)", part.holds);
  append_json_string(out, part.value);
  out += R"(,"parts":[)";
  for (std::size_t i = 0; i < part.parts.size(); ++i) {
    if (i > 0) out += ',';
    append_part(out, part.parts[i]);
  }
  out += "]}";
}

std::string json_of(const detect::Rule& rule, std::uint64_t event, const detect::Explanation& explanation) {
  std::string out = R"({"rule_id":)";
  append_json_string(out, rule.id);
  out += fmt::format(R"(,"event_index":{},"fires":{},"filter":)", event, explanation.fires);
  append_part(out, explanation.filter);
  out += R"(,"suppressions":[)";
  for (std::size_t i = 0; i < explanation.suppressions.size(); ++i) {
    if (i > 0) out += ',';
    out += fmt::format(R"({{"expired":{},"filter":)", explanation.suppressions[i].expired);
    append_part(out, explanation.suppressions[i].filter);
    out += '}';
  }
  return out + "]}";
}

void print_text(Io& io, const detect::Rule& rule, std::uint64_t event, const detect::Explanation& explanation) {
  io.out << printable(
      fmt::format("rule {} {} on event {}", rule.id, explanation.fires ? "fires" : "does not fire", event));
  if (!rule.inactive_reason.empty()) io.out << printable(" (but is inactive: " + rule.inactive_reason + ")");
  io.out << '\n';
  Printer(io).part(explanation.filter, 0);
  for (const detect::Explanation::Suppression& suppression : explanation.suppressions) {
    io.out << (suppression.expired ? "suppression that has expired:\n" : "suppression:\n");
    Printer(io).part(suppression.filter, 1);
  }
}

// Reads on until the event with that number.
Result<std::unique_ptr<EventBatch>> find_event(Input& input, sources::Decoder& decoder, std::uint64_t& index) {
  for (;;) {
    const Result<Input::Piece> piece = input.read();
    if (!piece) return std::unexpected(piece.error());
    const bool ended = piece->state == Input::State::end;
    sources::Decoded decoded;
    if (ended) {
      decoder.finish(decoded);
    } else {
      decoder.write(piece->bytes, decoded);
    }
    if (index < decoded.events.size()) return std::make_unique<EventBatch>(std::move(decoded.events));
    index -= decoded.events.size();
    if (ended) return fail(ErrorCode::not_found, "the input has no event of that number");
  }
}

Result<ExitCode> run_explain(const ExplainOptions& options, Io& io) {
  const Result<FormatChoice> choice = parse_format_choice(options.format);
  if (!choice) return std::unexpected(choice.error());
  const Result<sources::DecodeContext> context = options.sender.context(io.clock);
  if (!context) return std::unexpected(context.error());
  const auto rules = load_rules(options.files);
  if (!rules) return std::unexpected(rules.error());
  const detect::Rule* rule = (*rules)->find(options.rule);
  if (rule == nullptr) {
    print_problems(io, **rules);
    return fail(ErrorCode::not_found, fmt::format("no rule {} has loaded", options.rule));
  }
  Result<Input> input = Input::open(options.file, io.in_fd);
  if (!input) return std::unexpected(input.error());
  const Result<sources::Format> format = format_of(*choice, *input, io);
  if (!format) return std::unexpected(format.error());
  const auto decoder = sources::make_decoder(*format, *context);
  std::uint64_t index = options.event;
  const auto batch = find_event(*input, *decoder, index);
  if (!batch) return std::unexpected(batch.error());
  const auto explanation = detect::explain(*rule, (*batch)->events()[index], io.clock.now_ms());
  if (!explanation) return std::unexpected(explanation.error());
  if (options.output == "json") {
    print_json_line(io, json_of(*rule, options.event, *explanation));
  } else {
    print_text(io, *rule, options.event, *explanation);
  }
  return explanation->fires ? ExitCode::fine : ExitCode::findings;
}

}  // namespace

void add_rules_explain(Command& rules, Io& io) {
  const auto options = std::make_shared<ExplainOptions>();
  Command& command = rules.add("explain", "Why a rule fires on an event, or which part of it failed");
  command.positional("RULE", options->rule, "Id of the rule")
      .required()
      .positional("FILE", options->file, "A file that holds the event, plain, gzip or zstd; - is standard input")
      .required()
      .option("-r,--rules", "PATH", options->files.rules, "Rule files and folders of them, repeated")
      .required()
      .option("--event", "N", options->event, 0, kMaxEvent, "Which event of the input, from 0 [0]")
      .choice("-o,--output", options->output, {"text", "json"}, "How to show it [text]");
  add_sigma_options(command, options->files);
  add_format_option(command, options->format);
  add_sender_options(command, options->sender);
  command
      .examples(
          "Examples:\n  sightline rules explain sudo-to-root --rules rules/ --format auditd audit.log --event 3\n\n"
          "The exit code is 1 where the rule does not fire.")
      .action([options, &io] { return run_explain(*options, io); });
}

}  // namespace sightline::cli
