// What a running agent says of itself, in a file that `sightline-agent status` reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"

namespace sightline::agent {

struct AgentStatus {
  std::string version;
  std::int64_t pid = 0;
  std::int64_t started_ms = 0;  // all times since 1970, UTC
  std::int64_t updated_ms = 0;
  std::int64_t stopped_ms = 0;  // 0: it runs, or was killed
  std::string server;
  std::string audit;  // how the kernel's records are read: "owner", "listener", "off"; or why not

  std::uint64_t waiting_batches = 0;  // in the spool
  std::uint64_t waiting_events = 0;
  std::uint64_t spool_bytes = 0;
  std::uint64_t spool_max_bytes = 0;

  std::uint64_t delivered_batches = 0;  // since it was started
  std::uint64_t delivered_events = 0;
  std::uint64_t quarantined_lines = 0;
  std::int64_t last_delivered_ms = 0;  // 0: never
  std::string trouble;                 // why nothing is delivered; empty: it is

  std::uint64_t losses = 0;  // told of, since it was started
  std::string last_loss;     // for people
  std::int64_t last_loss_ms = 0;
};

// Replaces the file whole; only its owner may read it. Errors: unavailable.
Result<void> write_status(const std::filesystem::path& file, const AgentStatus& status);

// nullopt: there is none. Errors: unavailable, corrupt.
Result<std::optional<AgentStatus>> read_status(const std::filesystem::path& file);

}  // namespace sightline::agent
