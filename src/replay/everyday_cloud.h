// What goes on in a cloud account all day: services assuming roles, instances and functions at work, people looking
// around, deployments, S3 data events.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replay/cloudtrail_record.h"
#include "replay/facts.h"
#include "replay/random.h"

namespace sightline::replay {

// Not thread-safe.
class EverydayCloud {
 public:
  // An instance whose agents use the role of its profile.
  struct Instance {
    std::string id;
    std::string role;
    bool application = true;  // its application uses the role too; else only the Systems Manager agent does
  };

  // All instances reach AWS through one address, that of the network's gateway.
  EverydayCloud(Random random, std::span<const Instance> instances);

  // The caller that uses the role of this instance from there, as another program.
  Caller on_instance(std::string_view instance_id, std::string_view user_agent) const;

  // Appends one record; the facts lack the file.
  EventFacts append(std::string& out, std::int64_t time_ms);

 private:
  // Replaces $x in a template by a value: $b bucket, $k object key, $i instance, $h hexadecimal digits, $u UUID, $n
  // number, $g security group, $f function, $t table, $r role.
  void expand(std::string& out, std::string_view text, std::string_view bucket, std::string_view key);
  const Caller& choose(const std::vector<Caller>& callers) { return callers[random_.low_below(callers.size())]; }

  Random random_;
  CloudTrailRecords records_;
  std::vector<Caller> services_;
  std::vector<Caller> instances_;
  std::vector<Caller> agents_;  // Systems Manager agents
  std::vector<Caller> functions_;
  std::vector<Caller> people_;
  std::vector<Caller> automation_;
  std::vector<std::string> buckets_;
  std::vector<std::string> instance_ids_;
  Weighted templates_;
  std::string request_;
  std::string response_;
  std::string resources_;
};

}  // namespace sightline::replay
