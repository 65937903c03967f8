#include "server/api/quota_meter.h"

#include <algorithm>

namespace sightline::api {

namespace {

constexpr std::int64_t kThousand = 1'000;
constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

std::int64_t day_begin_of(std::int64_t now_ms) { return now_ms - now_ms % kDayMs; }

}  // namespace

std::optional<QuotaMeter::Refusal> QuotaMeter::admit(const std::string& principal, const control::Quota& quota,
                                                     bool ingest, std::int64_t now_ms) {
  if (quota.empty()) return std::nullopt;
  Use& use = use_of(principal);
  const std::scoped_lock lock(use.mutex);
  if (quota.requests_per_s > 0) {
    fill(use.requests, quota.requests_per_s, now_ms);
    if (use.requests.left <= 0) {
      return Refusal{"requests_per_s", quota.requests_per_s, seconds_until_filled(use.requests, quota.requests_per_s)};
    }
  }
  if (ingest && quota.bytes_per_s > 0) {
    fill(use.bytes, quota.bytes_per_s, now_ms);
    if (use.bytes.left <= 0) {
      return Refusal{"bytes_per_s", quota.bytes_per_s, seconds_until_filled(use.bytes, quota.bytes_per_s)};
    }
  }
  if (ingest && quota.events_per_day > 0) {
    begin_day(use, principal, now_ms);
    if (use.events >= quota.events_per_day) {
      return Refusal{"events_per_day", quota.events_per_day, (day_begin_of(now_ms) + kDayMs - now_ms) / kThousand + 1};
    }
  }
  if (quota.requests_per_s > 0) use.requests.left -= kThousand;
  return std::nullopt;
}

void QuotaMeter::add(const std::string& principal, const control::Quota& quota, std::uint64_t bytes,
                     std::uint64_t events, std::int64_t now_ms) {
  Use* use = known_use_of(principal);
  if (use == nullptr) return;
  const std::scoped_lock lock(use->mutex);
  if (quota.bytes_per_s > 0) {
    fill(use->bytes, quota.bytes_per_s, now_ms);
    use->bytes.left -= static_cast<std::int64_t>(bytes) * kThousand;
  }
  // Those of a day that did not begin here are among what it begins with.
  if (use->day_begin_ms == day_begin_of(now_ms)) use->events += events;
}

QuotaMeter::Use& QuotaMeter::use_of(const std::string& principal) {
  const std::scoped_lock lock(mutex_);
  return uses_[principal];
}

QuotaMeter::Use* QuotaMeter::known_use_of(const std::string& principal) {
  const std::scoped_lock lock(mutex_);
  const auto found = uses_.find(principal);
  return found == uses_.end() ? nullptr : &found->second;
}

void QuotaMeter::fill(Bucket& bucket, std::uint64_t per_s, std::int64_t now_ms) {
  const std::int64_t full = static_cast<std::int64_t>(per_s) * kThousand * kBurst_s;
  const std::int64_t passed_ms = std::max<std::int64_t>(now_ms - bucket.filled_ms, 0);
  const bool is_full = bucket.filled_ms == 0 || passed_ms > (full - bucket.left) / static_cast<std::int64_t>(per_s);
  bucket.left = is_full ? full : std::min(full, bucket.left + passed_ms * static_cast<std::int64_t>(per_s));
  bucket.filled_ms = now_ms;
}

std::int64_t QuotaMeter::seconds_until_filled(const Bucket& bucket, std::uint64_t per_s) {
  return -bucket.left / (static_cast<std::int64_t>(per_s) * kThousand) + 1;
}

// Where it cannot be read what was stored, the next request tries again. Until then the day has no bound here; whatever
// keeps it from being read keeps batches from being stored, too.
void QuotaMeter::begin_day(Use& use, const std::string& principal, std::int64_t now_ms) const {
  const std::int64_t day_begin_ms = day_begin_of(now_ms);
  if (use.day_begin_ms == day_begin_ms) return;
  const auto stored = events_since_(principal, day_begin_ms);
  use.day_begin_ms = stored ? day_begin_ms : kNoDay;
  use.events = stored.value_or(0);
}

}  // namespace sightline::api
