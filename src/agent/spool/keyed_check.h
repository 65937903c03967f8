// The checksum of everything in a spool: keyed, so that nobody who only writes what is collected can write bytes that
// pass for the spool's own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sightline::agent {

using SpoolKey = std::array<unsigned char, 16>;

// SipHash-2-4.
std::uint64_t keyed_check(const SpoolKey& key, std::string_view bytes);

SpoolKey draw_key();
// Of a new spool: the time in its upper bits, so that it is above earlier ones, and 20 random bits, so that it is
// another where the clock was set back. Below 2^63.
std::uint64_t draw_epoch();

}  // namespace sightline::agent
