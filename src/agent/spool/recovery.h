// What a spool's folder holds, found out when it is opened. Reads heads and names, not bodies.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <vector>

#include "agent/spool/keyed_check.h"
#include "agent/spool/segment_header.h"
#include "agent/spool/spool.h"
#include "agent/spool/state_file.h"
#include "base/error.h"

namespace sightline::agent {

struct Segment {
  std::uint64_t number = 0;
  std::uint64_t start = 0;           // of its first frame; 0 where its header or cursors are damaged
  std::uint64_t end = 0;             // of what counts
  std::uint64_t first_sequence = 0;  // of its header; 0: damaged
};

// Sequences from here on are void in `segments[index]`: a later segment begins with them.
std::uint64_t sequence_limit(const std::deque<Segment>& segments, std::size_t index);

struct Recovered {
  SpoolKey key{};
  std::uint64_t epoch = 0;
  std::deque<Segment> segments;
  Cursors cursors;
  std::uint64_t next_number = 1;  // of a segment
  std::uint64_t next_sequence = 1;
  std::uint64_t oldest_sequence = 1;  // not acknowledged
  std::uint64_t batches = 0;          // from there on
  std::uint64_t events = 0;
  std::vector<Damage> damage;  // but missing batches
};

// `state`: what the state file held. Errors: conflict (another version made it); unavailable.
Result<Recovered> recover(const std::filesystem::path& folder, const std::optional<SpoolState>& state);

}  // namespace sightline::agent
