// Senders that keep sending while the server dies under them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace sightline::crash {

// A batch of NDJSON. Every event carries a marker of its own in `arguments`; those with an alert have the command that
// the test's rule looks for.
struct Batch {
  std::string key;  // Idempotency-Key
  std::string body;
  std::vector<std::string> markers;
  std::vector<std::string> alert_markers;
  std::uint64_t rejected = 0;
};

// One stream: sends its batches in order, each until it is acknowledged. Used by one thread at a time.
class Sender {
 public:
  Sender(std::string source, std::uint32_t seed) : source_(std::move(source)), random_(seed) {}

  // Sends until the server goes away or `batches` more were acknowledged; calls `acknowledged` for each.
  // Returns what the server answered where it must not have, else nothing.
  std::string run(const std::string& url, const std::string& token, std::uint64_t batches,
                  const std::function<void()>& acknowledged);

  const std::vector<std::string>& markers() const { return markers_; }
  const std::vector<std::string>& alert_markers() const { return alert_markers_; }
  // Batches that were sent more than once.
  std::uint64_t repeated() const { return repeated_; }

 private:
  Batch make_batch();

  std::string source_;
  std::mt19937 random_;
  std::uint64_t sequence_ = 0;
  std::optional<Batch> pending_;  // sent, not acknowledged
  std::uint64_t repeated_ = 0;
  std::vector<std::string> markers_;  // of acknowledged batches
  std::vector<std::string> alert_markers_;
};

}  // namespace sightline::crash
