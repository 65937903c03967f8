#include "agent/collect/batch_builder.h"

#include <zstd.h>

#include <algorithm>
#include <utility>

namespace sightline::agent {
namespace {

// One frame of zstd.
std::string zstd(std::string_view bytes) {
  constexpr int kFast = 1;
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  // Cannot fail: the level exists and there is room for anything.
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), kFast));
  return out;
}

}  // namespace

BatchBuilder::BatchBuilder(std::string source, std::string format) {
  batch_.source = std::move(source);
  batch_.format = std::move(format);
}

void BatchBuilder::add(std::string_view event, std::int64_t time_ms) {
  if (batch_.events == 0) batch_.first_ms = batch_.last_ms = time_ms;
  batch_.first_ms = std::min(batch_.first_ms, time_ms);
  batch_.last_ms = std::max(batch_.last_ms, time_ms);
  ++batch_.events;
  plain_ += event;
}

Batch BatchBuilder::finish(std::string cursor) {
  Batch batch;
  batch.source = batch_.source;
  batch.format = batch_.format;
  batch.events = std::exchange(batch_.events, 0);
  batch.first_ms = batch_.first_ms;
  batch.last_ms = batch_.last_ms;
  batch.cursor = std::move(cursor);
  batch.body = zstd(plain_);
  // Between bursts a source holds no more than it needs.
  constexpr std::size_t kKeptCapacity = std::size_t{256} * 1024;
  if (plain_.capacity() > kKeptCapacity) plain_ = std::string();
  plain_.clear();
  return batch;
}

}  // namespace sightline::agent
