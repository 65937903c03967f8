// Options that commands which decode telemetry share.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "cli/input/input.h"
#include "cli/terminal/command.h"
#include "sources/formats/formats.h"

namespace sightline::cli {

// Facts about the sender that the bytes may not carry.
struct SenderOptions {
  std::string agent_id;
  std::string hostname;
  std::string instance_id;
  std::string account_id;
  std::string reference_time;  // ISO-8601, or empty: now

  // invalid_input: reference_time cannot be read.
  Result<sources::DecodeContext> context(const Clock& clock) const;
};

// --format, required.
void add_format_option(Command& command, std::string& format);
// --agent-id, --hostname, --instance-id, --account-id, --reference-time.
void add_sender_options(Command& command, SenderOptions& options);

// invalid_input names the formats there are.
Result<sources::Format> parse_supported_format(const std::string& name);

// What --format says; nullopt: auto, each input by how it begins. invalid_input names the formats there are.
using FormatChoice = std::optional<sources::Format>;
Result<FormatChoice> parse_format_choice(const std::string& name);

// The format of that input. Where it is found by its beginning, says so on standard error; invalid_input: it cannot be
// told.
Result<sources::Format> format_of(const FormatChoice& choice, Input& input, Io& io);

// "auditd, cloudtrail, …".
std::string supported_formats();

}  // namespace sightline::cli
