#include "sources/decoder.h"

namespace sightline::sources {

void reject(Decoded& out, std::uint64_t line, std::string error, std::string_view bytes, std::uint64_t size_bytes) {
  ++out.rejected_count;
  if (out.rejected.size() >= kMaxRejectedKept) return;
  out.rejected.push_back({line, std::move(error), std::string(bytes.substr(0, kMaxRejectedBytes)), size_bytes});
}

}  // namespace sightline::sources
