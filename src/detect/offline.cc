#include "detect/offline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

#include "base/json_text.h"
#include "detect/compiled_rules.h"

namespace sightline::detect {
namespace {

constexpr std::size_t kChunkBytes = 256UL * 1024;
constexpr std::size_t kKeptRejected = 10;

// One run over a stream.
class Run {
 public:
  Run(std::string_view source_name, const Detector& detector, std::int64_t now_ms, const TagsOfHost& tags_of,
      const std::function<void(std::string_view)>& sink)
      : key_{"offline", std::string(source_name), 0, 0},
        detector_(detector),
        now_ms_(now_ms),
        tags_of_(tags_of),
        sink_(sink) {}

  void take(sources::Decoded decoded) {
    for (sources::Rejected& rejected : decoded.rejected) {
      if (statistics_.first_rejected.size() < kKeptRejected) statistics_.first_rejected.push_back(std::move(rejected));
    }
    statistics_.rejected += decoded.rejected_count;
    for (std::size_t i = 0; i < decoded.events.size(); ++i) {
      Event& event = decoded.events.events()[i];
      if (event.id == EventId{}) event.id = make_event_id(key_, statistics_.events + i);
    }
    Detection detection = detector_.detect(decoded.events, now_ms_);
    drop_uncovered(detection, decoded.events, tags_of_);
    for (const Firing& firing : detection.firings) report(firing, decoded.events);
    statistics_.events += decoded.events.size();
  }

  OfflineStatistics finish() {
    for (const auto& [rule, matches] : matches_) statistics_.by_rule.push_back({rule->id, matches});
    std::ranges::sort(statistics_.by_rule, [](const auto& left, const auto& right) {
      return left.matches != right.matches ? left.matches > right.matches : left.rule_id < right.rule_id;
    });
    return std::move(statistics_);
  }

  OfflineStatistics& statistics() { return statistics_; }

 private:
  void report(const Firing& firing, const EventBatch& events) {
    const std::size_t index = firing.event_indices.front();
    const Event& event = events.events()[index];
    line_ = R"({"rule_id":)";
    append_json_string(line_, firing.rule->id);
    line_ += R"(,"title":)";
    append_json_string(line_, firing.rule->title.render(event));
    line_ += fmt::format(R"(,"severity":{},"event_index":{},"event_id":"{}","event_time":{}}})", firing.rule->severity,
                         statistics_.events + index, sightline::to_string(event.id), event.event_time_ms);
    sink_(line_);
    ++statistics_.matches;
    ++matches_[firing.rule];
  }

  BatchKey key_;
  const Detector& detector_;
  std::int64_t now_ms_;
  const TagsOfHost& tags_of_;
  const std::function<void(std::string_view)>& sink_;
  OfflineStatistics statistics_;
  std::map<const Rule*, std::uint64_t> matches_;
  std::string line_;
};

RuleTestOutcome run_test(const CompiledRule& compiled, const Rule& rule, const RuleTest& test,
                         const MakeDecoder& make_decoder) {
  RuleTestOutcome outcome{&rule, &test, false, {}};
  auto decoder = make_decoder(test.format);
  if (!decoder) {
    outcome.detail = decoder.error().message;
    return outcome;
  }
  sources::Decoded decoded;
  (*decoder)->write(test.input, decoded);
  (*decoder)->finish(decoded);
  if (!decoded.rejected.empty()) {
    const sources::Rejected& first = decoded.rejected.front();
    outcome.detail = fmt::format("line {} of the input does not decode: {}", first.line, first.error);
    return outcome;
  }
  if (decoded.events.empty()) {
    outcome.detail = "the input holds no event";
    return outcome;
  }
  const auto fired = std::ranges::count_if(decoded.events.events(), [&](const Event& e) { return compiled.fires(e); });
  outcome.passed = (fired > 0) == test.fires;
  if (!outcome.passed) {
    outcome.detail = fmt::format("expected the rule {} on it; it fired on {} of {} events",
                                 test.fires ? "to fire" : "not to fire", fired, decoded.events.size());
  }
  return outcome;
}

}  // namespace

std::string to_json(const OfflineStatistics& statistics) {
  std::string json = fmt::format(
      R"({{"bytes":{},"events":{},"rejected":{},"matches":{},"elapsed_ms":{},"events_per_second":{},"rules":{{)",
      statistics.bytes, statistics.events, statistics.rejected, statistics.matches, statistics.elapsed_us / 1000,
      statistics.events * 1'000'000 / static_cast<std::uint64_t>(std::max<std::int64_t>(statistics.elapsed_us, 1)));
  for (std::size_t i = 0; i < statistics.by_rule.size(); ++i) {
    if (i > 0) json += ',';
    append_json_string(json, statistics.by_rule[i].rule_id);
    json += fmt::format(":{}", statistics.by_rule[i].matches);
  }
  return json += "}}";
}

Result<OfflineStatistics> detect_stream(std::istream& input, std::string_view source_name, sources::Decoder& decoder,
                                        const Detector& detector, std::int64_t now_ms, const TagsOfHost& tags_of,
                                        const std::function<void(std::string_view json)>& sink) {
  const auto start = std::chrono::steady_clock::now();
  Run run(source_name, detector, now_ms, tags_of, sink);
  std::string chunk(kChunkBytes, '\0');
  while (input) {
    input.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto size = static_cast<std::size_t>(input.gcount());
    run.statistics().bytes += size;
    sources::Decoded decoded;
    decoder.write(std::string_view(chunk).substr(0, size), decoded);
    run.take(std::move(decoded));
  }
  if (input.bad()) return fail(ErrorCode::unavailable, fmt::format("reading {} failed", source_name));
  sources::Decoded rest;
  decoder.finish(rest);
  run.take(std::move(rest));
  const auto elapsed = std::chrono::steady_clock::now() - start;
  run.statistics().elapsed_us = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
  return run.finish();
}

std::vector<RuleTestOutcome> run_rule_tests(const RuleSet& rules, const MakeDecoder& make_decoder) {
  std::vector<RuleTestOutcome> outcomes;
  for (std::size_t i = 0; i < rules.rules().size(); ++i) {
    const Rule& rule = rules.rules()[i];
    for (const RuleTest& test : rule.tests) {
      outcomes.push_back(run_test(rules.compiled().compiled[i], rule, test, make_decoder));
    }
  }
  return outcomes;
}

}  // namespace sightline::detect
