// sightline decode: telemetry in, events as NDJSON out. Needs no server.
#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "cli/all_commands.h"
#include "cli/formats.h"
#include "cli/input/input.h"
#include "cli/terminal/terminal_text.h"
#include "event/json.h"

namespace sightline::cli {
namespace {

struct DecodeOptions {
  std::string format;
  SenderOptions sender;
  std::vector<std::string> files;
  bool no_original = false;
};

constexpr std::string_view kExamples = R"(Examples:
  sightline decode --format auditd /var/log/audit/audit.log
  ausearch --raw -ts today | sightline decode --format auditd - | head
  sightline decode --format cloudtrail trail.json.gz > events.ndjson

Events go to standard output, one JSON object a line; input that does not decode is named on standard error with its
line and the reason, and makes the exit code 1.)";

class Decode {
 public:
  Decode(const DecodeOptions& options, FormatChoice format, sources::DecodeContext context, Io& io)
      : options_(options), format_(format), context_(std::move(context)), io_(io) {}

  Result<ExitCode> run() {
    for (const std::string& file : options_.files) {
      if (Result<void> done = decode_file(file); !done) return std::unexpected(done.error());
    }
    if (rejected_ == 0) return ExitCode::fine;
    io_.out.flush();
    report(io_, fmt::format("{} did not decode", rejected_ == 1 ? "1 input" : fmt::format("{} inputs", rejected_)));
    return ExitCode::findings;
  }

 private:
  Result<void> decode_file(const std::string& file) {
    Result<Input> input = Input::open(file, io_.in_fd);
    if (!input) return std::unexpected(input.error());
    const Result<sources::Format> format = format_of(format_, *input, io_);
    if (!format) return std::unexpected(format.error());
    const auto decoder = sources::make_decoder(*format, context_);
    for (;;) {
      const Result<Input::Piece> piece = input->read();
      const bool ended = !piece || piece->state == Input::State::end;
      sources::Decoded decoded;  // fresh for each piece: memory does not grow with the input
      if (ended) {
        decoder->finish(decoded);
      } else {
        decoder->write(piece->bytes, decoded);
      }
      print(decoded, input->name());
      if (!piece) return std::unexpected(piece.error());
      if (ended) return {};
      if (!io_.out) return {};  // said once, at the end of the program
    }
  }

  void print(const sources::Decoded& decoded, const std::string& name) {
    for (const Event& event : decoded.events.events()) {
      line_.clear();
      append_json(line_, event, {.original = !options_.no_original});
      print_json_line(io_, line_);
    }
    rejected_ += decoded.rejected_count;
    for (const sources::Rejected& rejected : decoded.rejected) {
      io_.err << fmt::format("{}:{}: {}\n", printable(name), rejected.line, printable(rejected.error));
    }
    if (decoded.rejected_count > decoded.rejected.size()) {
      io_.err << fmt::format("{}: and {} more\n", printable(name), decoded.rejected_count - decoded.rejected.size());
    }
  }

  const DecodeOptions& options_;
  FormatChoice format_;
  sources::DecodeContext context_;
  Io& io_;
  std::string line_;
  std::uint64_t rejected_ = 0;
};

Result<ExitCode> run_decode(const DecodeOptions& options, Io& io) {
  const Result<FormatChoice> format = parse_format_choice(options.format);
  if (!format) return std::unexpected(format.error());
  const Result<sources::DecodeContext> context = options.sender.context(io.clock);
  if (!context) return std::unexpected(context.error());
  return Decode(options, *format, *context, io).run();
}

}  // namespace

void add_decode(Command& program, Io& io) {
  const auto options = std::make_shared<DecodeOptions>();
  Command& command = program.add("decode", "Turn telemetry into events as NDJSON, without a server");
  command.positional("FILE", options->files, "Files, plain, gzip or zstd; - is standard input").required();
  add_format_option(command, options->format);
  add_sender_options(command, options->sender);
  command.flag("--no-original", options->no_original, "Leave the original bytes out");
  command.examples(kExamples).action([options, &io] { return run_decode(*options, io); });
}

}  // namespace sightline::cli
