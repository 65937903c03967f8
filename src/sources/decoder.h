// What every decoder of telemetry looks like: bytes in any chunks, events out, memory bounded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/event.h"

namespace sightline::sources {

// Facts about the sender that the bytes do not carry. Empty: unknown. Decoders fill the fields of the same name where
// the bytes say nothing else. Where the credential is bound to the agent, these facts win: what the bytes say instead
// becomes an attribute with kClaimedPrefix in front ("claimed_agent_id").
struct DecodeContext {
  std::string agent_id;
  std::string hostname;
  std::string instance_id;
  std::string account_id;
  std::int64_t reference_time_ms = 0;  // about when the bytes were sent: settles the year of times without one
  bool bound = false;
};
inline constexpr std::string_view kClaimedPrefix = "claimed_";

// Input that could not be decoded. It goes to the quarantine.
struct Rejected {
  std::uint64_t line = 0;        // from 1; of JSON documents that span lines, the line where the bad part starts
  std::string error;             // what was expected, and where (column or byte offset)
  std::string bytes;             // the bad input, cut to kMaxRejectedBytes
  std::uint64_t size_bytes = 0;  // its whole length
};
inline constexpr std::size_t kMaxRejectedBytes = 4096;

struct Decoded {
  EventBatch events;
  std::vector<Rejected> rejected;
  std::uint64_t rejected_count = 0;  // may exceed rejected.size(), which stops at kMaxRejectedKept
};
inline constexpr std::size_t kMaxRejectedKept = 1000;

// Limits every decoder keeps.
inline constexpr std::size_t kMaxLineBytes = 4 * 1024 * 1024;  // a longer line is rejected, the next one is read
inline constexpr std::size_t kMaxDepth = 64;                   // of JSON
inline constexpr std::size_t kMaxAttributes = 4096;  // of one event; beyond, the rest stays in the original only

// One stream of input. Not thread-safe. Never throws for any input; never loses a good event because of a bad one.
// Everything appended to `out` is owned by out.events; the caller may pass a fresh Decoded at any call to take events
// off in portions.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual void write(std::string_view chunk, Decoded& out) = 0;
  // The input ends here: open events are closed; a last line that was cut short is kept and marked partial, or
  // rejected.
  virtual void finish(Decoded& out) = 0;
};

// Counts the rejection and keeps it while there is room. `size_bytes`: of the whole input, where `bytes` is its start.
void reject(Decoded& out, std::uint64_t line, std::string error, std::string_view bytes, std::uint64_t size_bytes);
inline void reject(Decoded& out, std::uint64_t line, std::string error, std::string_view bytes) {
  reject(out, line, std::move(error), bytes, bytes.size());
}

// A line with nothing to decode.
inline bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace sightline::sources
