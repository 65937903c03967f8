// Which batch keys are being worked on: two requests with one key never overlap.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "event/event.h"

namespace sightline::server {

// Thread-safe.
class InFlightKeys {
 public:
  // Holds a key until it is destroyed.
  class Claim {
   public:
    Claim(InFlightKeys& keys, const BatchKey& key) : keys_(keys), key_(key) {}
    ~Claim() { keys_.release(key_); }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    InFlightKeys& keys_;
    BatchKey key_;
  };

  // Waits until no other claim holds the key.
  Claim claim(const BatchKey& key) {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [&] { return !held_.contains(tuple_of(key)); });
    held_.insert(tuple_of(key));
    return Claim(*this, key);
  }

 private:
  using Tuple = std::tuple<std::string, std::string, std::uint64_t, std::uint64_t>;
  static Tuple tuple_of(const BatchKey& key) { return {key.principal, key.source, key.epoch, key.sequence}; }

  void release(const BatchKey& key) {
    {
      const std::scoped_lock lock(mutex_);
      held_.erase(tuple_of(key));
    }
    released_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable released_;
  std::set<Tuple> held_;
};

}  // namespace sightline::server
