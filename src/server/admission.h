// How much may be under way at once.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <semaphore>

#include "server/pipeline_metrics.h"

namespace sightline::server {

// Thread-safe. Bounds requests and the memory their events take. A request is let in while there is room for more, at
// the size of its body; what it unfolds to is asked for while it is decoded. Where nothing else is under way there is
// always room, so that no request waits for ever.
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
    // Makes the room at least as large. False where there is none; it stays as it was.
    bool grow_to(std::size_t size_bytes) {
      if (size_bytes <= size_bytes_) return true;
      if (!admission_->grow(size_bytes_, size_bytes)) return false;
      size_bytes_ = size_bytes;
      return true;
    }

    std::size_t size_bytes() const { return size_bytes_; }

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
  bool grow(std::size_t from_bytes, std::size_t to_bytes) {
    const std::scoped_lock lock(mutex_);
    const std::size_t others_bytes = bytes_ - from_bytes;
    if (others_bytes > 0 && others_bytes + to_bytes > max_bytes_) return false;
    bytes_ = others_bytes + to_bytes;
    publish();
    return true;
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
