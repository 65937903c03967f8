#include "replay/host_log.h"

namespace sightline::replay {
namespace {

// How often two events that come right after each other are written interleaved, as happens where records of two CPUs
// reach the daemon at once.
constexpr double kInterleaved = 0.02;

}  // namespace

HostLog::HostLog(Host host, Random random, Write write, Record record)
    : host_(std::move(host)),
      random_(random),
      write_(std::move(write)),
      record_(std::move(record)),
      serial_(100 + random_.below(5000)) {}

void HostLog::add(AuditEvent event) {
  ++added_;
  const std::int64_t time_ms = event.time_ms;
  pending_.emplace(time_ms, std::move(event));
}

void HostLog::write_until(std::int64_t time_ms) {
  while (!pending_.empty() && pending_.begin()->first < time_ms) {
    write_one(pending_.begin()->second);
    pending_.erase(pending_.begin());
  }
  out_ += held_;
  held_.clear();
  write_(out_);
  out_.clear();
}

void HostLog::write_one(const AuditEvent& event) {
  const std::uint64_t serial = ++serial_;
  append_line(out_, event, 0, serial);
  out_ += held_;
  held_.clear();
  const std::size_t last = event.records.size() - 1;
  for (std::size_t i = 1; i < last; ++i) append_line(out_, event, i, serial);
  if (last > 0) append_line(random_.chance(kInterleaved) ? held_ : out_, event, last, serial);
  if (record_) {
    EventFacts facts;
    facts.file = host_.file;
    facts.time_ms = event.time_ms;
    facts.serial = serial;
    facts.agent_id = host_.agent_id;
    facts.login = event.login;
    facts.story = event.story;
    facts.rule_id = event.rule_id;
    record_(std::move(facts));
  }
}

}  // namespace sightline::replay
