// Clients that do nothing wrong, and must not feel those who do.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "hostile/target.h"

namespace sightline::hostile {

struct Report {
  std::uint64_t requests = 0;
  std::uint64_t events = 0;  // acknowledged
  double seconds = 0;
  std::chrono::milliseconds slowest{0};
  std::vector<std::string> failures;  // everything but the answer that was due

  double events_per_s() const { return seconds > 0 ? static_cast<double>(events) / seconds : 0; }
};

// Of two spans of time.
Report operator+(Report one, const Report& other);

// Sends batch after batch of events, from its construction to stop(). Events have event_type "good".
class GoodSender {
 public:
  explicit GoodSender(const Target& target);
  Report stop();

 private:
  void run(const std::stop_token& stop);

  const Target& target_;
  Report report_;
  std::jthread thread_;  // last: it uses the members above
};

// Asks small questions of every kind, ten a second.
class GoodReader {
 public:
  explicit GoodReader(const Target& target);
  Report stop();

 private:
  void run(const std::stop_token& stop);

  const Target& target_;
  Report report_;
  std::jthread thread_;
};

// What a sender manages alone in that time.
Report send_alone(const Target& target, std::chrono::milliseconds time);

// Prints both and their ratio, which is returned.
double compare(const Report& alone, const Report& during);

}  // namespace sightline::hostile
