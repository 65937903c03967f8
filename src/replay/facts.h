// What the generator knows about an event it wrote: enough to answer the investigation's queries without any of the
// code that will be asked to answer them.
#pragma once

#include <cstdint>
#include <string>

namespace sightline::replay {

struct EventFacts {
  std::string file;           // name of the file it was written to
  std::int64_t time_ms = 0;   // of CloudTrail: the whole second
  std::uint64_t serial = 0;   // audit event's serial number; 0 for CloudTrail
  std::string cloudtrail_id;  // eventID; empty for audit events
  std::string agent_id;       // empty for CloudTrail
  bool login = false;         // an event of type login
  bool assumed_role = false;  // CloudTrail, userIdentity.type AssumedRole
  std::string arn_role;       // CloudTrail: assumed-role/ROLE/SESSION
  int story = 0;              // step of the story it tells, from 1; 0: everyday
  std::string rule_id;        // the shipped rule that it must fire; empty: none of the story's
};

}  // namespace sightline::replay
