// Detection without a server: rules over a file, and rules over their own tests.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "detect/detector.h"
#include "detect/ruleset.h"
#include "sources/decoder.h"

namespace sightline::detect {

// Makes the decoder of a format ("auditd", "cloudtrail", "ndjson", …); invalid_input names the formats there are.
// Passed in: this layer knows no concrete source.
using MakeDecoder = std::function<Result<std::unique_ptr<sources::Decoder>>(std::string_view format)>;

struct OfflineStatistics {
  std::uint64_t bytes = 0;
  std::uint64_t events = 0;
  std::uint64_t rejected = 0;  // inputs that did not decode
  std::uint64_t matches = 0;
  struct RuleCount {
    std::string rule_id;
    std::uint64_t matches = 0;
  };
  std::vector<RuleCount> by_rule;                 // those that matched, most first
  std::int64_t elapsed_us = 0;                    // decoding and detection
  std::vector<sources::Rejected> first_rejected;  // up to 10, for messages
};

// {"events":…,"rejected":…,"matches":…,"elapsed_ms":…,"events_per_second":…,"rules":{"id":n,…}}
std::string to_json(const OfflineStatistics& statistics);

// Runs the rules over a stream, in portions: memory does not grow with the input. `sink` gets one JSON object a match,
// without line feed: {"rule_id","title","severity","event_index","event_id","event_time"}. event_index counts decoded
// events from 0. `now_ms` says which suppressions have expired, as for Detector::detect(). event_id is the event's own;
// where it has none, it is derived from `source_name` and the index. `tags_of` says which hosts the events are of, for
// rules that are in rulesets. Errors: unavailable (the stream broke).
Result<OfflineStatistics> detect_stream(std::istream& input, std::string_view source_name, sources::Decoder& decoder,
                                        const Detector& detector, std::int64_t now_ms, const TagsOfHost& tags_of,
                                        const std::function<void(std::string_view json)>& sink);

struct RuleTestOutcome {
  const Rule* rule = nullptr;  // lives as long as the RuleSet
  const RuleTest* test = nullptr;
  bool passed = false;
  std::string detail;  // where it failed: what happened instead
};

// Each test's input through its decoder and through its own rule alone, suppressions that expired still in force: a
// test means the same next year. A test without events, or with rejected lines, fails: it would show nothing.
std::vector<RuleTestOutcome> run_rule_tests(const RuleSet& rules, const MakeDecoder& make_decoder);

}  // namespace sightline::detect
