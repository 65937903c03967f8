// Decoder of LAUREL's output: Linux audit events as JSON, one a line.
#pragma once

#include <memory>

#include "sources/decoder.h"

namespace sightline::laurel {

// Fields are those of the audit decoder. An event's original is its line without the line break.
// docs/sources/laurel.md says what differs.
std::unique_ptr<sources::Decoder> make_laurel_decoder(const sources::DecodeContext& context);

}  // namespace sightline::laurel
