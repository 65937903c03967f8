// From the spool to the server.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>

#include "agent/deliver/answer.h"
#include "agent/loss/ledger.h"
#include "agent/spool/spool.h"
#include "base/clock.h"
#include "base/log.h"
#include "http_client/http_client.h"

namespace sightline::agent {

// Sends batches in the order of their sequence, each until the server has it or will never take it; those without
// events it passes over. Each has the key NAME/EPOCH/SEQUENCE, so that what was sent twice counts once.
class Uplink {
 public:
  struct Options {
    std::string server;      // https://HOST:PORT, without a slash at the end
    std::string token_file;  // read before each attempt after a refusal, so that it can be replaced
    std::string ca_file;     // empty: the system's certificates
    std::string about_host;  // of the query of /v1/ingest/…: "hostname=…&instance_id=…"
  };
  // What it waits at first and at most after an attempt that decided nothing; doubled each time, and of that a random
  // part, so that a fleet does not come back at once.
  static constexpr std::int64_t kFirstWaitMs = 500;
  static constexpr std::int64_t kLongestWaitMs = 60'000;
  static constexpr std::int64_t kUnwelcomeWaitMs = 30'000;

  struct State {
    std::uint64_t delivered_batches = 0;
    std::uint64_t delivered_events = 0;
    std::uint64_t attempts = 0;
    std::uint64_t quarantined_lines = 0;  // that the server could not decode
    std::int64_t last_delivered_ms = 0;   // 0: never since the agent runs
    std::string trouble;                  // why the last attempt decided nothing; empty: it did
  };

  // All outlive it. `http` is used by run() alone.
  Uplink(Options options, Spool& spool, LossLedger& ledger, HttpClient& http, const Clock& clock, Log& log);

  // Until a stop is requested. An attempt under way then ends by itself.
  void run(const std::stop_token& stop);
  // There is something new in the spool. Thread-safe.
  void notify();
  // Thread-safe.
  State state() const;

 private:
  Result<HttpResponse> send(const StoredBatch& stored);
  Result<std::string> read_token() const;
  bool settle(const StoredBatch& stored, const Verdict& verdict);
  void count(const StoredBatch& stored, const Verdict& verdict);
  void wait(std::int64_t wait_ms, const std::stop_token& stop);
  std::int64_t pause_ms(const Verdict& verdict);

  Options options_;
  Spool& spool_;
  LossLedger& ledger_;
  HttpClient& http_;
  const Clock& clock_;
  Log& log_;
  std::mt19937_64 random_{std::random_device{}()};
  std::int64_t backoff_ms_ = kFirstWaitMs;
  std::uint64_t settled_ = 0;  // sequence of the batch that was counted last

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool news_ = false;
  State state_;
};

}  // namespace sightline::agent
