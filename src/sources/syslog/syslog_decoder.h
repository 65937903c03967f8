// Decoder of syslog, from files and from streams.
#pragma once

#include <memory>

#include "sources/decoder.h"

namespace sightline::syslog {

// One message a line, or each behind its length (framer.h). An event's original is the message without the line break
// or the length. docs/sources/syslog.md describes what becomes of each message.
std::unique_ptr<sources::Decoder> make_syslog_decoder(const sources::DecodeContext& context);

}  // namespace sightline::syslog
