// Windows events as JSON.
#pragma once

#include <memory>

#include "sources/decoder.h"

namespace sightline::windows {

// Reads one JSON object an event, in the shapes that converters and shippers give them (windows_paths.h), with or
// without anything between the objects. An event's original is its object's bytes as they stood. Objects without an
// EventID are rejected. docs/sources/windows.md says which fields are filled.
std::unique_ptr<sources::Decoder> make_windows_decoder(const sources::DecodeContext& context);

}  // namespace sightline::windows
