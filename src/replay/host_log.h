// One host's audit.log: events of overlapping activities put in the order of time, numbered and written.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "replay/audit_record.h"
#include "replay/facts.h"
#include "replay/random.h"

namespace sightline::replay {

struct Host {
  std::string name;
  std::string file;  // of its log
  std::string agent_id;
  std::string instance_id;
  std::string address;  // private IPv4
  std::string role;     // of the instance profile
};

// Not thread-safe.
class HostLog {
 public:
  using Write = std::function<void(std::string_view bytes)>;
  using Record = std::function<void(EventFacts)>;

  // `record` may be empty where nobody asks for the facts.
  HostLog(Host host, Random random, Write write, Record record);

  const Host& host() const { return host_; }
  std::uint32_t next_pid() {
    return pid_ = pid_ >= kMaxPid ? kFirstPid : pid_ + static_cast<std::uint32_t>(random_.between(1, 3));
  }
  std::uint32_t next_session() { return ++session_; }

  // Takes an event of any time not yet written.
  void add(AuditEvent event);
  std::uint64_t added() const { return added_; }

  // Writes all events before this time.
  void write_until(std::int64_t time_ms);

 private:
  static constexpr std::uint32_t kFirstPid = 1200;
  static constexpr std::uint32_t kMaxPid = 4'000'000;

  void write_one(const AuditEvent& event);

  Host host_;
  Random random_;
  Write write_;
  Record record_;
  std::multimap<std::int64_t, AuditEvent> pending_;
  std::uint64_t serial_;
  std::uint64_t added_ = 0;
  std::uint32_t pid_ = kFirstPid;
  std::uint32_t session_ = 3;
  std::string held_;  // the last line of the event before, where its end comes after the next one's start
  std::string out_;
};

}  // namespace sightline::replay
