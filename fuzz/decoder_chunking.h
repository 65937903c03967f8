// What every decoder promises, checked on one input: what comes out does not depend on how the bytes were cut.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "event/canonical.h"
#include "event/json.h"
#include "sources/decoder.h"

namespace sightline::fuzz {

struct Summary {
  std::vector<std::string> events;    // canonical forms
  std::vector<std::string> rejected;  // line, error, bytes, size
  std::uint64_t rejected_count = 0;
  bool operator==(const Summary&) const = default;
};

inline void add_output(Summary& summary, const sources::Decoded& out) {
  for (const Event& event : out.events.events()) {
    append_canonical(summary.events.emplace_back(), event);
    std::string json;
    append_json(json, event);
  }
  for (const sources::Rejected& bad : out.rejected) {
    summary.rejected.push_back(std::to_string(bad.line) + " " + bad.error + " " + std::to_string(bad.size_bytes) + " " +
                               bad.bytes);
  }
  summary.rejected_count += out.rejected_count;
}

// Cuts the text into chunks of sizes that follow from `seed`; 0: one chunk. Output is taken off after every chunk.
template <class MakeDecoder>
Summary decode_in_chunks(std::string_view text, std::uint32_t seed, MakeDecoder make_decoder) {
  Summary summary;
  const auto decoder = make_decoder(sources::DecodeContext{});
  while (!text.empty()) {
    seed = seed * 1664525 + (seed == 0 ? 0 : 1013904223);
    const std::string_view chunk = text.substr(0, seed == 0 ? text.size() : 1 + (seed >> 16) % 97);
    text.remove_prefix(chunk.size());
    sources::Decoded out;
    decoder->write(chunk, out);
    add_output(summary, out);
  }
  sources::Decoded out;
  decoder->finish(out);
  add_output(summary, out);
  return summary;
}

// The first four bytes of the input are the seed.
template <class MakeDecoder>
void check_chunking(const std::uint8_t* data, std::size_t size, MakeDecoder make_decoder) {
  if (size < 4) return;
  const std::uint32_t seed = data[0] | data[1] << 8 | data[2] << 16 | std::uint32_t{data[3]} << 24;
  const std::string_view text(reinterpret_cast<const char*>(data) + 4, size - 4);
  const Summary whole = decode_in_chunks(text, 0, make_decoder);
  const Summary chunked = decode_in_chunks(text, seed == 0 ? 1 : seed, make_decoder);
  // Only so many rejections are kept a call, so that more are kept where the calls are more.
  if (whole.rejected_count > sources::kMaxRejectedKept) return;
  if (whole != chunked) std::abort();
}

}  // namespace sightline::fuzz
