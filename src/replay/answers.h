// The answer file: what the investigation's queries must return, worked out from what was written and by nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "replay/facts.h"
#include "replay/host_log.h"
#include "replay/scenario.h"

namespace sightline::replay {

// A file of the replay and how it is ingested.
struct ReplayFile {
  std::string name;
  std::string format;  // auditd, cloudtrail
  bool gzip = false;
  std::optional<Host> host;  // of an audit log: what its bytes do not say
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};

struct ReplayContents {
  std::uint64_t seed = 0;
  std::int64_t from_ms = 0;  // first and last moment an event may have
  std::int64_t end_ms = 0;
  std::int64_t login_a_ms = 0;
  std::int64_t story_end_ms = 0;
  std::vector<ReplayFile> files;
  std::vector<EventFacts> events;  // all of them
};

// One of the article's queries, with the replay's times.
struct ExpectedQuery {
  std::string name;
  std::string query;
  std::optional<std::int64_t> from_ms;  // of the request: from ≤ event_time < to
  std::optional<std::int64_t> to_ms;
  std::function<bool(const EventFacts&)> holds;
};
std::vector<ExpectedQuery> expected_queries(const ReplayContents& contents);

// JSON:
//   {"seed","from","end","counts":{"events","audit","cloudtrail","story"},
//    "files":[{"name","format","endpoint","gzip","agent_id","hostname","instance_id","events","bytes"}],
//    "story":[{"step","title","events":[REF]}],
//    "queries":[{"name","query","from","to","count","story_count","events":[REF]}],
//    "alerts":[{"rule_id","event":REF}]}
//   REF  {"file","time","serial","step"} of an audit event, {"file","time","eventID","step"} of a CloudTrail record;
//   step
//        is left out for everyday events. Events are in the order of time.
std::string answers_json(const ReplayContents& contents);

}  // namespace sightline::replay
