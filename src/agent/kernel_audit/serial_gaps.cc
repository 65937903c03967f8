#include "agent/kernel_audit/serial_gaps.h"

#include <utility>

namespace sightline::agent {
namespace {

constexpr std::uint64_t kRound = std::uint64_t{1} << 32U;

// The number among those with these lower 32 bits that is nearest to `newest`.
std::uint64_t unrolled(std::uint32_t serial, std::uint64_t newest) {
  const std::uint64_t candidate = (newest & ~(kRound - 1)) | serial;
  if (candidate + kRound / 2 < newest) return candidate + kRound;
  if (candidate > newest + kRound / 2 && candidate >= kRound) return candidate - kRound;
  return candidate;
}

}  // namespace

SerialGaps::SerialGaps(const SerialState& state, std::int64_t now_ms)
    : newest_(kRound | state.newest), resumed_(newest_) {
  for (const auto& [first, last] : state.absent) {
    const std::uint64_t begin = unrolled(first, *newest_);
    const std::uint64_t end = unrolled(last, *newest_);
    if (begin <= end && end <= *newest_) gaps_[begin] = Gap{end, now_ms};
  }
}

void SerialGaps::saw(std::uint32_t serial, std::int64_t now_ms) {
  if (!newest_) {
    newest_ = serial;
    return;
  }
  const std::uint64_t number = unrolled(serial, *newest_);
  if (number > *newest_) {
    if (!first_) first_ = number;
    if (number > *newest_ + 1) gaps_[*newest_ + 1] = Gap{number - 1, now_ms};
    newest_ = number;
    if (gaps_.size() > kMaxGaps) close_oldest();
    return;
  }
  auto gap = gaps_.upper_bound(number);
  if (gap == gaps_.begin()) return;
  --gap;
  const auto [last, since_ms] = gap->second;
  if (number > last) return;
  if (number < last) gaps_[number + 1] = Gap{last, since_ms};
  if (number == gap->first) {
    gaps_.erase(gap);
  } else {
    gap->second.last = number - 1;
  }
}

void SerialGaps::close_oldest() {
  const auto& [first, gap] = *gaps_.begin();
  const bool before = resumed_ && (gap.last <= *resumed_ || (first_ && gap.last < *first_));
  (before ? missing_.before : missing_.since) += gap.last - first + 1;
  gaps_.erase(gaps_.begin());
}

SerialGaps::Missing SerialGaps::take_missing(std::int64_t now_ms) {
  while (!gaps_.empty() && now_ms - gaps_.begin()->second.since_ms >= kPatienceMs) close_oldest();
  return std::exchange(missing_, {});
}

std::optional<SerialState> SerialGaps::state() const {
  if (!newest_) return std::nullopt;
  SerialState state{.newest = static_cast<std::uint32_t>(*newest_), .absent = {}};
  for (const auto& [first, gap] : gaps_) {
    state.absent.emplace_back(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(gap.last));
  }
  return state;
}

}  // namespace sightline::agent
