// sightline-replay: writes telemetry files, real in form and made from a seed.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>

#include "base/clock.h"
#include "replay/replay.h"
#include "replay/scripts.h"

namespace {

using namespace sightline;
using namespace sightline::replay;

struct Arguments {
  std::string out;
  std::uint64_t seed = 1;
  std::uint64_t everyday = 100'000;
  std::uint64_t cloudtrail = 0;
  std::uint64_t audit = 0;
  std::string end = "now";
  std::int64_t hours = 24;
  bool gzip = false;
};

constexpr int kUsageError = 2;
constexpr int kCannotWrite = 3;

int report(const Error& error) {
  fmt::print(stderr, "sightline-replay: {}\n", error.message);
  return error.code == ErrorCode::invalid_input ? kUsageError : kCannotWrite;
}

std::optional<std::int64_t> parse_end(const std::string& text) {
  if (text == "now") return SystemClock().now_ms();
  std::int64_t end_ms = 0;
  const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), end_ms);
  if (error != std::errc() || last != text.data() + text.size() || end_ms <= 0) return std::nullopt;
  return end_ms;
}

int replay_story(const Arguments& arguments, std::int64_t end_ms) {
  const ReplayOptions options{.folder = arguments.out,
                              .seed = arguments.seed,
                              .everyday = arguments.everyday,
                              .end_ms = end_ms,
                              .span_ms = arguments.hours * 3'600'000,
                              .gzip = arguments.gzip};
  const auto contents = write_replay(options);
  if (!contents) return report(contents.error());
  if (auto written = write_scripts(*contents, arguments.out); !written) return report(written.error());
  fmt::print("{} events in {} files\nanswers in {}/answers.json; send it with ingest.sh, ask with questions.sh\n",
             contents->events.size(), contents->files.size(), arguments.out);
  return 0;
}

int write_bulk(const Arguments& arguments, std::int64_t end_ms) {
  const bool cloudtrail = arguments.cloudtrail > 0;
  const BulkOptions options{.seed = arguments.seed,
                            .events = cloudtrail ? arguments.cloudtrail : arguments.audit,
                            .end_ms = end_ms,
                            .span_ms = arguments.hours * 3'600'000};
  auto out = arguments.out == "-" ? Result<OutputFile>(OutputFile::standard_output())
                                  : OutputFile::open(arguments.out, arguments.gzip);
  if (!out) return report(out.error());
  std::uint64_t events = options.events;
  if (cloudtrail) {
    write_cloudtrail(options, *out);
  } else {
    events = write_audit(options, *out);
  }
  if (auto closed = out->close(); !closed) return report(closed.error());
  fmt::print(stderr, "{} events, {} bytes\n", events, out->written_bytes());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Writes telemetry files, real in form and made from a seed.");
  app.footer(
      "Examples:\n"
      "  sightline-replay --out replay                        the investigation among 100,000 everyday events\n"
      "  sightline-replay --out replay --seed 7 --gzip        another day, CloudTrail compressed\n"
      "  sightline-replay --cloudtrail 1000000 --out ct.ndjson   CloudTrail records only, one a line\n"
      "  sightline-replay --audit 100000 --out -              audit records only, to standard output");
  Arguments arguments;
  app.add_option("--out", arguments.out, "folder of the replay; with --cloudtrail or --audit a file, or -")->required();
  app.add_option("--seed", arguments.seed, "the same seed and end give the same bytes")->capture_default_str();
  app.add_option("--everyday", arguments.everyday, "everyday events, at least")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{100}, std::uint64_t{20'000'000}));
  app.add_option("--end", arguments.end, "no event is later: milliseconds since 1970, or now")->capture_default_str();
  app.add_option("--hours", arguments.hours, "how long before the end events start")
      ->capture_default_str()
      ->check(CLI::Range(3, 24 * 365));
  app.add_flag("--gzip", arguments.gzip, "compress CloudTrail files (and bulk files)");
  auto* cloudtrail =
      app.add_option("--cloudtrail", arguments.cloudtrail, "write this many CloudTrail records, nothing else");
  app.add_option("--audit", arguments.audit, "write this many audit events of one host, nothing else")
      ->excludes(cloudtrail);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsageError;
  }
  const auto end_ms = parse_end(arguments.end);
  if (!end_ms) {
    fmt::print(stderr, "sightline-replay: --end {}: expected milliseconds since 1970, or now\n", arguments.end);
    return kUsageError;
  }
  return arguments.cloudtrail > 0 || arguments.audit > 0 ? write_bulk(arguments, *end_ms)
                                                         : replay_story(arguments, *end_ms);
}
