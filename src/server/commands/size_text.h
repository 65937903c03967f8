// Sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sightline::commands {

// "512 bytes", "1.5 MiB"
std::string size_text(std::uint64_t bytes);

// "500GiB", "2TiB", "1048576": a whole number, with KiB, MiB, GiB or TiB after it or without. nullopt: anything else,
// 0, and what is beyond 64 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace sightline::commands
