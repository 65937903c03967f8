#include "cli/formats.h"

#include <fmt/format.h>

#include "cli/terminal/terminal_text.h"
#include "event/time.h"
#include "sources/formats/detect.h"

namespace sightline::cli {
namespace {

constexpr std::string_view kAuto = "auto";

}  // namespace

void add_format_option(Command& command, std::string& format) {
  command
      .option("-f,--format", "FORMAT", format,
              fmt::format("What the input is: {}; {}: by how it begins", supported_formats(), kAuto))
      .required();
}

void add_sender_options(Command& command, SenderOptions& options) {
  command.option("--agent-id", "ID", options.agent_id, "Agent, where the input does not name it")
      .option("--hostname", "NAME", options.hostname, "Host, where the input does not name it")
      .option("--instance-id", "ID", options.instance_id, "Cloud instance, where the input does not name it")
      .option("--account-id", "ID", options.account_id, "Cloud account, where the input does not name it")
      .option("--reference-time", "TIME", options.reference_time,
              "About when the input was written, for times without a year (ISO-8601) [now]");
}

Result<sources::DecodeContext> SenderOptions::context(const Clock& clock) const {
  sources::DecodeContext context{agent_id, hostname, instance_id, account_id, clock.now_ms()};
  if (reference_time.empty()) return context;
  const auto time_ms = parse_iso8601(reference_time);
  if (!time_ms) {
    return fail(
        ErrorCode::invalid_input,
        fmt::format("--reference-time: expected a time such as 2026-01-02T03:04:05Z, not \"{}\"", reference_time));
  }
  context.reference_time_ms = *time_ms;
  return context;
}

Result<sources::Format> parse_supported_format(const std::string& name) {
  if (const std::optional<sources::Format> format = sources::parse_format(name)) return *format;
  return fail(ErrorCode::invalid_input,
              fmt::format("the format \"{}\" is not supported; supported: {}", name, supported_formats()));
}

Result<FormatChoice> parse_format_choice(const std::string& name) {
  if (name == kAuto) return FormatChoice();
  const Result<sources::Format> format = parse_supported_format(name);
  if (!format) return std::unexpected(format.error());
  return FormatChoice(*format);
}

Result<sources::Format> format_of(const FormatChoice& choice, Input& input, Io& io) {
  if (choice) return *choice;
  const std::string_view beginning = input.peek();
  if (beginning.find_first_not_of(" \t\r\n") == std::string_view::npos) return sources::Format::ndjson;  // nothing
  if (const auto format = sources::detect_format(beginning)) {
    report(io, fmt::format("{} is taken for {}", printable(input.name()), to_string(*format)));
    return *format;
  }
  return fail(ErrorCode::invalid_input, fmt::format("{} does not begin like any format; name it with --format: {}",
                                                    input.name(), supported_formats()));
}

std::string supported_formats() {
  std::string names;
  for (const sources::Format format : sources::all_formats()) {
    if (!names.empty()) names += ", ";
    names += to_string(format);
  }
  return names;
}

}  // namespace sightline::cli
