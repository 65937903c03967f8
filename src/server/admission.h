// How much may be under way at once.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <semaphore>

#include "server/pipeline_metrics.h"

namespace sightline::server {

// Thread-safe. Bounds requests and the memory their events take. A request is let in while there is room for more, at
// the size of its body; what it unfolds to is added afterwards, so the bound is passed by at most what is being
// decoded.
class Admission {
 public:
  Admission(std::size_t max_requests, std::size_t max_bytes, PipelineMetrics& metrics)
      : max_requests_(max_requests), max_bytes_(max_bytes), metrics_(metrics) {}

  // Room that is given back when it is destroyed.
  class Ticket {
   public:
    Ticket(Admission& admission, std::size_t size_bytes) : admission_(&admission), size_bytes_(size_bytes) {}
    Ticket(Ticket&& other) noexcept : admission_(other.admission_), size_bytes_(other.size_bytes_) {
      other.admission_ = nullptr;
    }
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (admission_ != nullptr) admission_->leave(size_bytes_);
    }
    void resize(std::size_t size_bytes) {
      admission_->resize(size_bytes_, size_bytes);
      size_bytes_ = size_bytes;
    }

   private:
    Admission* admission_;
    std::size_t size_bytes_;
  };

  std::optional<Ticket> enter(std::size_t size_bytes) {
    const std::scoped_lock lock(mutex_);
    if (requests_ >= max_requests_ || bytes_ >= max_bytes_) return std::nullopt;
    ++requests_;
    bytes_ += size_bytes;
    publish();
    return Ticket(*this, size_bytes);
  }

 private:
  void leave(std::size_t size_bytes) {
    const std::scoped_lock lock(mutex_);
    --requests_;
    bytes_ -= size_bytes;
    publish();
  }
  void resize(std::size_t from_bytes, std::size_t to_bytes) {
    const std::scoped_lock lock(mutex_);
    bytes_ = bytes_ - from_bytes + to_bytes;
    publish();
  }
  void publish() {
    metrics_.queued_requests = requests_;
    metrics_.queued_bytes = bytes_;
  }

  const std::size_t max_requests_;
  const std::size_t max_bytes_;
  PipelineMetrics& metrics_;
  std::mutex mutex_;
  std::size_t requests_ = 0;
  std::size_t bytes_ = 0;
};

// Holds one of a fixed number of turns. Waits for it.
class Turn {
 public:
  explicit Turn(std::counting_semaphore<>& turns) : turns_(turns) { turns_.acquire(); }
  ~Turn() { turns_.release(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::counting_semaphore<>& turns_;
};

}  // namespace sightline::server
