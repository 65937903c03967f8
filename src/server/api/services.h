// What the handlers work with. Made in the main program; outlives the HTTP server.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "control/control_store.h"
#include "server/api/metrics.h"
#include "server/api/path_cache.h"
#include "server/api/quota_meter.h"
#include "server/pipeline.h"
#include "server/rule_book.h"
#include "store/event_store.h"

namespace sightline::api {

struct Services {
  server::Pipeline& pipeline;
  store::EventStore& store;
  control::ControlStore& control;
  const Clock& clock;
  Log& log;
  Metrics& metrics;
  PathCache& paths;
  std::filesystem::path data_directory;
  std::string version;
  server::RuleBook& rules;
  // What must stay free on the data directory's disk for telemetry to be accepted.
  std::uintmax_t keep_free_bytes = 64ULL << 20;

  QuotaMeter quotas{[this](const std::string& principal, std::int64_t since_ms) {
    return control.manifests().events_since(principal, since_ms);
  }};

  std::atomic<bool> verifying{false};  // one verification at a time
};

// True where less is left than must stay free. False where the disk cannot be asked.
bool disk_is_full(const Services& services);

}  // namespace sightline::api
