// Sessions of one matcher, handed from thread to thread.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "detect/matcher/matcher.h"

namespace sightline::detect {

// Thread-safe. Keeps as many sessions as were in use at once; the matcher outlives them.
class SessionPool {
 public:
  explicit SessionPool(const Matcher& matcher) : matcher_(matcher) {}

  // A session for as long as this lives. Outlived by the pool.
  class Lease {
   public:
    explicit Lease(SessionPool& pool) : pool_(pool), session_(pool.take()) {}
    ~Lease() { pool_.give_back(std::move(session_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Matcher::Session& session() { return session_; }

   private:
    SessionPool& pool_;
    Matcher::Session session_;
  };

 private:
  Matcher::Session take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return Matcher::Session(matcher_);
    Matcher::Session session = std::move(idle_.back());
    idle_.pop_back();
    return session;
  }

  void give_back(Matcher::Session session) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
  }

  const Matcher& matcher_;
  std::mutex mutex_;
  std::vector<Matcher::Session> idle_;
};

}  // namespace sightline::detect
