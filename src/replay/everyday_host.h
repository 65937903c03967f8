// What goes on on a host all day: cron, packages, logins of its people, services, monitoring, agents.
#pragma once

#include <cstdint>

#include "replay/host_actions.h"

namespace sightline::replay {

// Not thread-safe.
class EverydayHost {
 public:
  EverydayHost(HostLog& log, Random random);

  // One activity, from this time on: between one and some hundred events, over at most kMaxActivityMs.
  void act(std::int64_t time_ms);
  static constexpr std::int64_t kMaxActivityMs = 12L * 60 * 1000;

 private:
  void cron(HostActions& actions);
  void packages(HostActions& actions);
  void user_session(HostActions& actions);
  void guessed_passwords(HostActions& actions);
  void web_requests(HostActions& actions);
  void database(HostActions& actions);
  void monitoring(HostActions& actions);
  void log_rotation(HostActions& actions);
  void cloud_agent(HostActions& actions);
  void service_restart(HostActions& actions);
  void containers(HostActions& actions);
  void configuration_run(HostActions& actions);

  HostLog& log_;
  Random random_;
};

}  // namespace sightline::replay
