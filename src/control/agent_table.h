// What people say about agents: the tags by which rulesets name hosts.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace sightline::control {

class Database;

// Thread-safe. Errors of all: corrupt, unavailable.
class AgentTable {
 public:
  explicit AgentTable(Database& database) : database_(database) {}

  // Sorted; none for an agent that nobody tagged.
  Result<std::vector<std::string>> tags(std::string_view agent_id);
  // Of every agent that has any.
  Result<std::map<std::string, std::vector<std::string>, std::less<>>> all_tags();
  // These instead of those it had, in one transaction with the entry of the audit log.
  Result<void> set_tags(std::string_view agent_id, std::span<const std::string> tags, std::string_view principal,
                        std::int64_t now_ms);

 private:
  Database& database_;
};

}  // namespace sightline::control
