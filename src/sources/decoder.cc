#include "sources/decoder.h"

namespace sightline::sources {

void reject(Decoded& out, std::uint64_t line, std::string error, std::string_view bytes) {
  ++out.rejected_count;
  if (out.rejected.size() >= kMaxRejectedKept) return;
  out.rejected.push_back({line, std::move(error), std::string(bytes.substr(0, kMaxRejectedBytes)), bytes.size()});
}

}  // namespace sightline::sources
