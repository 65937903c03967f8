// Senders that keep sending while the server fails or dies under them, and remember what was acknowledged.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::testing {

// A batch of NDJSON. Every event carries a marker of its own in `arguments`; those with an alert have the command that
// the test's rule looks for.
struct Batch {
  std::string key;  // Idempotency-Key
  std::string body;
  std::vector<std::string> markers;
  std::vector<std::string> alert_markers;
  std::vector<std::uint64_t> rejected_lines;  // from 1
};

// What is wrong with the answer to a batch: anything but its events accepted, exactly its bad lines rejected, and a
// number above that of the sender's batch before. Empty where it is right.
std::string problem_with(const Batch& batch, std::string_view answer, bool may_be_replay, std::uint64_t last_number);

struct SenderOptions {
  std::uint32_t seed = 1;
  std::uint64_t epoch = 1;      // in the keys of its batches
  std::size_t noise_bytes = 0;  // in each event, that no compression makes smaller
  // The server may meet a failure and repair it while it answers: a batch sent once may then come back as a replay.
  bool repairs = false;
};

struct Answer {
  int status = 0;
  std::size_t events = 0;  // of the batch that it is about
};
// Is told each answer; says whether to go on.
using Answered = std::function<bool(const Answer& answer)>;

// One stream: sends its batches in order, each until it is acknowledged. Used by one thread at a time.
class Sender {
 public:
  Sender(std::string source, const SenderOptions& options)
      : source_(std::move(source)), options_(options), random_(options.seed) {}

  // Sends until the server goes away or `batches` more were acknowledged; calls `answered` with every answer. Refusals
  // that ask for another attempt (429, 503, 507) get one. Returns what the server answered where it must not have, else
  // nothing.
  std::string run(const std::string& url, const std::string& token, std::uint64_t batches, const Answered& answered);

  const std::vector<std::string>& markers() const { return markers_; }
  const std::vector<std::string>& alert_markers() const { return alert_markers_; }
  // Requests that sent a batch again.
  std::uint64_t repeated() const { return repeated_; }
  // Answers that said the disk is full.
  std::uint64_t refused_full() const { return refused_full_; }
  // A batch was sent and not acknowledged.
  bool waits() const { return pending_.has_value(); }

 private:
  Batch make_batch();
  std::string noise();

  std::string source_;
  SenderOptions options_;
  std::mt19937 random_;
  std::uint64_t sequence_ = 0;
  std::optional<Batch> pending_;  // sent, not acknowledged
  std::uint64_t repeated_ = 0;
  std::uint64_t refused_full_ = 0;
  std::uint64_t last_number_ = 0;     // of the newest acknowledged batch
  std::vector<std::string> markers_;  // of acknowledged batches
  std::vector<std::string> alert_markers_;
};

}  // namespace sightline::testing
