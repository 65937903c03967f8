// The loop that waits for sources and feeds the recorder.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/collect/recorder.h"
#include "agent/collect/source.h"
#include "base/descriptor.h"
#include "base/log.h"

namespace sightline::agent {

// Used by one thread.
class Collector {
 public:
  // All outlive it.
  Collector(std::span<const std::unique_ptr<Source>> sources, Recorder& recorder, Log& log);

  // Until a stop is requested. Then everything that came is in the spool, as far as the spool takes it; what keeps
  // coming is taken for five seconds more.
  void run(const std::stop_token& stop);

 private:
  struct Watched {
    Source* source = nullptr;
    std::int64_t last_ms = 0;  // when something last came, by a clock that is never set
    bool failing = false;
  };

  std::int64_t wait_ms() const;
  void wait(int stopped, std::int64_t wait_ms) const;
  void drain();
  void collect(Watched& watched);

  std::vector<Watched> sources_;
  Recorder& recorder_;
  Log& log_;
};

}  // namespace sightline::agent
