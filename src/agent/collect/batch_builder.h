// Events of one source on their way into a batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/spool/spool.h"

namespace sightline::agent {

// Not thread-safe.
class BatchBuilder {
 public:
  // A batch of more is not begun. The server takes 16 MiB of plain text at least.
  static constexpr std::size_t kFullBytes = std::size_t{1} << 20U;

  BatchBuilder(std::string source, std::string format);

  void add(std::string_view event, std::int64_t time_ms);
  bool empty() const { return batch_.events == 0; }
  bool full() const { return plain_.size() >= kFullBytes; }

  // The batch, its body compressed with zstd; then it is empty.
  Batch finish(std::string cursor);

 private:
  Batch batch_;
  std::string plain_;
};

}  // namespace sightline::agent
