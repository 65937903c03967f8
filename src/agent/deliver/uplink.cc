#include "agent/deliver/uplink.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>

namespace sightline::agent {
namespace {

// The stream of an agent's batches among those of its credential.
constexpr std::string_view kStream = "agent";
constexpr std::int64_t kTimeoutMs = 30'000;
constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20U;  // up to 1,000 rejected lines
// How long the spool is left alone after its disk failed.
constexpr std::int64_t kSpoolWaitMs = 10'000;

std::string path_of(const Batch& batch, const std::string& about_host) {
  const std::string path = batch.format == "ndjson" ? "/v1/events" : "/v1/ingest/" + batch.format;
  return about_host.empty() ? path : path + "?" + about_host;
}

}  // namespace

Uplink::Uplink(Options options, Spool& spool, LossLedger& ledger, HttpClient& http, const Clock& clock, Log& log)
    : options_(std::move(options)), spool_(spool), ledger_(ledger), http_(http), clock_(clock), log_(log) {}

void Uplink::notify() {
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
  }
  changed_.notify_one();
}

Uplink::State Uplink::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

Result<std::string> Uplink::read_token() const {
  std::ifstream file(options_.token_file);
  std::string token;
  if (!std::getline(file, token) || token.empty()) {
    return fail(ErrorCode::unauthenticated, fmt::format("there is no token in {}", options_.token_file));
  }
  return token;
}

Result<HttpResponse> Uplink::send(const StoredBatch& stored) {
  const Result<std::string> token = read_token();
  if (!token) return std::unexpected(token.error());
  HttpRequest request;
  request.method = "POST";
  request.url = options_.server + path_of(stored.batch, options_.about_host);
  request.headers = {{"Authorization", "Bearer " + *token},
                     {"Content-Type", "application/octet-stream"},
                     {"Content-Encoding", "zstd"},
                     {"Idempotency-Key", fmt::format("{}/{}/{}", kStream, spool_.epoch(), stored.sequence)}};
  request.body = stored.batch.body;
  request.ca_file = options_.ca_file;
  request.timeout_ms = kTimeoutMs;
  request.max_response_bytes = kMaxAnswerBytes;
  return http_.send(request);
}

// False: the spool's disk failed; the batch may come again, and counts no second time.
bool Uplink::settle(const StoredBatch& stored, const Verdict& verdict) {
  if (std::exchange(settled_, stored.sequence) != stored.sequence) count(stored, verdict);
  const Result<void> done = spool_.acknowledge(stored.sequence);
  if (done) return true;
  log_.error("the spool does not forget a batch", {{"sequence", stored.sequence}, {"reason", done.error().message}});
  return false;
}

void Uplink::count(const StoredBatch& stored, const Verdict& verdict) {
  const Batch& batch = stored.batch;
  const bool is_stored = verdict.kind == Verdict::Kind::stored;
  if (!is_stored) {
    log_.error("the server refuses a batch for good",
               {{"source", batch.source}, {"sequence", stored.sequence}, {"reason", verdict.reason}});
    ledger_.add({.source = batch.source,
                 .reason = LossReason::refused,
                 .count = batch.events,
                 .from_ms = batch.first_ms,
                 .to_ms = batch.last_ms,
                 .detail = verdict.reason});
  }
  if (verdict.rejected > 0) {
    log_.warning("the server could not decode lines",
                 {{"source", batch.source}, {"sequence", stored.sequence}, {"lines", verdict.rejected}});
  }
  const std::lock_guard lock(mutex_);
  state_.quarantined_lines += verdict.rejected;
  state_.trouble.clear();
  if (!is_stored) return;
  ++state_.delivered_batches;
  state_.delivered_events += batch.events;
  state_.last_delivered_ms = clock_.now_ms();
}

std::int64_t Uplink::pause_ms(const Verdict& verdict) {
  if (verdict.kind == Verdict::Kind::unwelcome) return kUnwelcomeWaitMs;
  const std::int64_t longest = std::exchange(backoff_ms_, std::min(2 * backoff_ms_, kLongestWaitMs));
  const std::int64_t drawn = std::uniform_int_distribution<std::int64_t>(longest / 2, longest)(random_);
  return std::max(drawn, verdict.retry_after_ms.value_or(0));
}

void Uplink::wait(std::int64_t wait_ms, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, std::chrono::milliseconds(wait_ms), [] { return false; });
}

void Uplink::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      news_ = false;
    }
    const Result<std::optional<StoredBatch>> oldest = spool_.oldest();
    if (!oldest) {
      log_.error("the spool cannot be read", {{"reason", oldest.error().message}});
      wait(kSpoolWaitMs, stop);
      continue;
    }
    if (!*oldest) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return news_; });
      continue;
    }
    if ((**oldest).batch.events == 0) {  // for its cursor alone
      if (!spool_.acknowledge((**oldest).sequence)) wait(kSpoolWaitMs, stop);
      continue;
    }
    const Verdict verdict = read_answer(send(**oldest));
    {
      const std::lock_guard lock(mutex_);
      ++state_.attempts;
    }
    if (verdict.kind == Verdict::Kind::stored || verdict.kind == Verdict::Kind::refused) {
      backoff_ms_ = kFirstWaitMs;
      if (!settle(**oldest, verdict)) wait(kSpoolWaitMs, stop);
      continue;
    }
    const std::int64_t pause = pause_ms(verdict);
    {
      const std::lock_guard lock(mutex_);
      if (state_.trouble != verdict.reason) {
        log_.warning("the server did not take a batch", {{"reason", verdict.reason}, {"next_attempt_ms", pause}});
      }
      state_.trouble = verdict.reason;
    }
    wait(pause, stop);
  }
}

}  // namespace sightline::agent
