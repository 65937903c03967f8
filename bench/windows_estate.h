// Starts of processes as Sysmon writes them, of a made-up Windows estate.
#pragma once

#include <cstdint>
#include <string>

namespace sightline::bench {

enum class Estate : std::uint8_t {
  // What runs on office and build machines and servers: few programs make most of the starts, with parents and command
  // lines that belong to them; numbers, ids and paths in these are hardly ever the same. One start in 250 is an attack.
  everyday,
  // Sixteen programs, each as often as any other, a third of them such as attackers use, with anything as parent and
  // as arguments.
  shuffled,
};

// Events as NDJSON, one a line; the same seed gives the same.
std::string windows_process_starts(Estate estate, std::size_t count, std::uint64_t seed);

}  // namespace sightline::bench
