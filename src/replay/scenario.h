// The investigation: an intruder with a stolen SSH key, two hosts, two roles, one copied file.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replay/everyday_cloud.h"
#include "replay/host_log.h"

namespace sightline::replay {

inline constexpr std::string_view kAgentA = "436dd34c-f795-11ea-a752-21e3e3eb7c50";
inline constexpr std::string_view kAgentB = "9e0c5d7a-f796-11ea-8f2b-5b1d7c3a9e41";
inline constexpr std::string_view kInstanceA = "i-08c9216f243e53fd4";
inline constexpr std::string_view kInstanceB = "i-03128a5b8b894002a";
inline constexpr std::string_view kRoleA = "ec2VpcRole";
inline constexpr std::string_view kRoleB = "myS3Reader";

struct StoryStep {
  int number = 0;  // from 1, in the order of time
  std::string_view title;
};
std::span<const StoryStep> story_steps();

// A CloudTrail record of the story, to be put among the everyday ones.
struct CloudLine {
  std::string json;
  EventFacts facts;  // without the file
};

struct Story {
  std::int64_t login_a_ms = 0;   // USER_LOGIN on host A
  std::int64_t end_ms = 0;       // after the last event
  std::vector<CloudLine> cloud;  // by time
};

// Adds the story's events to the two hosts' logs, from `start_ms` on; it takes about ten minutes.
Story tell_story(HostLog& host_a, HostLog& host_b, const EverydayCloud& cloud, Random& random, std::int64_t start_ms);

}  // namespace sightline::replay
