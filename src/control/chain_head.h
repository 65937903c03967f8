// Where a hash chain ends.
#pragma once

#include <cstdint>

#include "base/hash.h"

namespace sightline::control {

struct ChainHead {
  std::uint64_t number = 0;  // 0: the chain is empty
  Sha256Digest link{};
  bool operator==(const ChainHead&) const = default;
};

// `kept` is written beside the chain with every link, so that they differ where the end of the chain was cut off.
struct ChainEnd {
  ChainHead last;  // the newest link there is
  ChainHead kept;
};

}  // namespace sightline::control
