// Which format an input is in, by how it begins.
#pragma once

#include <optional>
#include <string_view>

#include "sources/formats/formats.h"

namespace sightline::sources {

// Looks at the first line that is not blank, of JSON also at what follows: a few KiB are plenty. nullopt: like none.
// A guess, to be told to whoever gave the input: JSON that looks like no other source is our own NDJSON.
std::optional<Format> detect_format(std::string_view beginning);

}  // namespace sightline::sources
