// What bearers have used of their quotas (control/tokens.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "control/tokens.h"

namespace sightline::api {

// Thread-safe. Counts by principal, so that a second token for an agent gives it nothing more: the events of a day are
// those of all its tokens, and tokens with a rate share one bucket, which fills at the rate of the token that asks.
//
// Rates are buckets that hold what kBurst_s seconds allow. A request is taken while there is something in its bucket,
// however large it is, and the bucket may be emptied beyond its bottom: then nothing is taken until it has filled
// again. So nothing is too large to be sent ever, and the rate holds over time.
class QuotaMeter {
 public:
  static constexpr std::int64_t kBurst_s = 5;

  struct Refusal {
    std::string_view quota;  // "requests_per_s", "bytes_per_s", "events_per_day"
    std::uint64_t bound = 0;
    std::int64_t retry_after_s = 0;  // at least 1
  };
  // How many events the principal has stored since then; asked once a principal, and again each day. Other principals
  // do not wait for it.
  using EventsSince = std::function<Result<std::uint64_t>(const std::string& principal, std::int64_t since_ms)>;

  explicit QuotaMeter(EventsSince events_since) : events_since_(std::move(events_since)) {}

  // Counts a request, or says why not. `ingest`: bytes and events count too.
  std::optional<Refusal> admit(const std::string& principal, const control::Quota& quota, bool ingest,
                               std::int64_t now_ms);
  // What an admitted request then brought, once it is answered. Events stored while a day begins may count twice.
  void add(const std::string& principal, const control::Quota& quota, std::uint64_t bytes, std::uint64_t events,
           std::int64_t now_ms);

 private:
  // What is left, in thousandths, may be less than nothing.
  struct Bucket {
    std::int64_t left = 0;
    std::int64_t filled_ms = 0;  // 0: never
  };
  static constexpr std::int64_t kNoDay = -1;
  struct Use {
    std::mutex mutex;  // guards the rest
    Bucket requests;
    Bucket bytes;
    std::int64_t day_begin_ms = kNoDay;
    std::uint64_t events = 0;  // of that day
  };
  Use& use_of(const std::string& principal);
  Use* known_use_of(const std::string& principal);  // null: no token of it had a quota
  static void fill(Bucket& bucket, std::uint64_t per_s, std::int64_t now_ms);
  static std::int64_t seconds_until_filled(const Bucket& bucket, std::uint64_t per_s);
  void begin_day(Use& use, const std::string& principal, std::int64_t now_ms) const;

  const EventsSince events_since_;
  std::mutex mutex_;                 // guards which there are
  std::map<std::string, Use> uses_;  // of principals with a quota; none is ever taken out
};

}  // namespace sightline::api
