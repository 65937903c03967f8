// Options that commands which decode telemetry share.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/error.h"
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

// "auditd, cloudtrail, …".
std::string supported_formats();

}  // namespace sightline::cli
