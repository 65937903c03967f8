#include "cli/formats.h"

#include <fmt/format.h>

namespace sightline::cli {

void add_format_option(Command& command, std::string& format) {
  command.option("-f,--format", "FORMAT", format, "What the input is: " + supported_formats()).required();
}

void add_sender_options(Command& command, SenderOptions& options) {
  command.option("--agent-id", "ID", options.agent_id, "Agent, where the input does not name it")
      .option("--hostname", "NAME", options.hostname, "Host, where the input does not name it")
      .option("--instance-id", "ID", options.instance_id, "Cloud instance, where the input does not name it")
      .option("--account-id", "ID", options.account_id, "Cloud account, where the input does not name it");
}

Result<sources::Format> parse_supported_format(const std::string& name) {
  if (const std::optional<sources::Format> format = sources::parse_format(name)) return *format;
  return fail(ErrorCode::invalid_input,
              fmt::format("the format \"{}\" is not supported; supported: {}", name, supported_formats()));
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
