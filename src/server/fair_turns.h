// A fixed number of turns that senders take one after the other.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "server/fair_queue.h"

namespace sightline::server {

// Thread-safe. Whoever waits gets the next turn in the order of FairQueue.
class FairTurns {
 public:
  explicit FairTurns(std::size_t turns) : free_(turns) {}

  // Held until it is destroyed. Waits for it.
  class Turn {
   public:
    Turn(FairTurns& turns, const BatchKey& key) : turns_(turns) { turns_.acquire(key); }
    ~Turn() { turns_.release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    FairTurns& turns_;
  };

 private:
  struct Waiter {
    std::condition_variable called;
    bool is_called = false;
  };

  void acquire(const BatchKey& key) {
    std::unique_lock lock(mutex_);
    if (free_ > 0) {
      --free_;
      return;
    }
    Waiter waiter;
    waiting_.push(key, &waiter);
    waiter.called.wait(lock, [&] { return waiter.is_called; });
  }
  void release() {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    Waiter* next = waiting_.pop();
    next->is_called = true;
    next->called.notify_one();  // under the lock: the waiter lives on a stack that it leaves once it is called
  }

  std::mutex mutex_;
  std::size_t free_;
  FairQueue<Waiter*> waiting_;
};

}  // namespace sightline::server
