// Detection through many rules: the shipped ones, and hundreds made to look like what people write, over events from
// the replay generator. Prints events per second of one core, with the matcher and without, and how many rules were
// tried; decoding is not counted.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "detect/compiled_rules.h"
#include "detect/rule_loader.h"
#include "replay/replay.h"
#include "sources/formats/formats.h"

namespace {

using namespace sightline;

constexpr std::uint64_t kEvents = 20'000;
constexpr std::int64_t kEndMs = 1'732'406'400'000;

sources::Decoded decode(sources::Format format, const std::string& bytes) {
  sources::Decoded decoded;
  const auto decoder = sources::make_decoder(format, {});
  decoder->write(bytes, decoded);
  decoder->finish(decoded);
  return decoded;
}

sources::Decoded generate(bool cloudtrail) {
  const auto path = std::filesystem::temp_directory_path() / ("sightline-detect-bench-" + std::to_string(getpid()));
  auto out = replay::OutputFile::open(path, false);
  const replay::BulkOptions options{.seed = 1, .events = kEvents, .end_ms = kEndMs};
  if (cloudtrail) {
    replay::write_cloudtrail(options, *out);
  } else {
    replay::write_audit(options, *out);
  }
  if (!out->close()) std::abort();
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  std::filesystem::remove(path);
  return decode(cloudtrail ? sources::Format::cloudtrail : sources::Format::auditd, text.str());
}

const EventBatch& events(bool cloudtrail) {
  static const sources::Decoded kAudit = generate(false);
  static const sources::Decoded kCloudTrail = generate(true);
  return (cloudtrail ? kCloudTrail : kAudit).events;
}

// `count` rules on process starts, files, connections and API calls, most of which never match.
std::string made_rules(std::size_t count) {
  std::string yaml;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string n = std::to_string(i);
    std::string filter;
    switch (i % 5) {
      case 0:
        filter = "type = \"start\" AND command = \"tool" + n + "\" AND arguments contains \"--flag" + n + "\"";
        break;
      case 1:
        filter = "type = \"start\" AND arguments icontains \"secret-" + n + "\" AND uid != 0";
        break;
      case 2:
        filter = "event_type = \"file\" AND path ends_with \"/file" + n + ".conf\"";
        break;
      case 3:
        filter = "eventSource = \"ec2.amazonaws.com\" AND eventName = \"Action" + n + "\"";
        break;
      default:
        filter = "eventName IN (\"Put" + n + "\", \"Delete" + n + "\") AND userIdentity.type = \"Root\"";
        break;
    }
    yaml += "---\nid: made-" + n + "\ntitle: \"{{user}}\"\nseverity: 3\nfilter: '" + filter + "'\n";
  }
  return yaml;
}

std::shared_ptr<const detect::RuleSet> rules_of(std::size_t count) {
  std::vector<detect::RuleText> texts;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(SIGHTLINE_SOURCE_DIR) / "rules")) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    texts.push_back({entry.path().string(), text.str()});
  }
  texts.push_back({"made.yaml", made_rules(count)});
  const auto rules = detect::load_rules(texts, {});
  if (!rules->problems().empty()) std::abort();
  return rules;
}

// Arguments: made rules, CloudTrail (1) or audit (0) events.
void detect_events(benchmark::State& state) {
  const auto rules = rules_of(static_cast<std::size_t>(state.range(0)));
  const detect::Detector detector(rules);
  const EventBatch& batch = events(state.range(1) != 0);
  std::size_t firings = 0;
  const std::clock_t begin = std::clock();
  for (auto _ : state) firings = detector.detect(batch, 0).firings.size();
  const double cpu_ns = static_cast<double>(std::clock() - begin) * (1e9 / CLOCKS_PER_SEC);
  state.counters["ns_per_event"] = cpu_ns / static_cast<double>(state.iterations()) / static_cast<double>(batch.size());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
  state.counters["rules"] = static_cast<double>(rules->rules().size());
  state.counters["firings"] = static_cast<double>(firings);
  const detect::Matcher& matcher = rules->compiled().matcher;
  detect::Matcher::Session session(matcher);
  std::vector<std::uint32_t> fired;
  for (const Event& event : batch.events()) matcher.match(event, session, fired);
  const auto tried = static_cast<double>(session.rules_tried());
  state.counters["tried_per_event"] = tried / static_cast<double>(batch.size());
}
BENCHMARK(detect_events)->ArgsProduct({{0, 300, 3000}, {0, 1}})->Unit(benchmark::kMillisecond);

// The same without the matcher: what it saves.
void try_every_rule(benchmark::State& state) {
  const auto rules = rules_of(static_cast<std::size_t>(state.range(0)));
  const EventBatch& batch = events(state.range(1) != 0);
  std::size_t firings = 0;
  for (auto _ : state) {
    for (const Event& event : batch.events()) {
      for (const detect::CompiledRule& rule : rules->compiled().compiled) firings += rule.fires(event) ? 1 : 0;
    }
  }
  benchmark::DoNotOptimize(firings);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
}
BENCHMARK(try_every_rule)->ArgsProduct({{0, 300}, {0, 1}})->Unit(benchmark::kMillisecond);

// What loading that many rules costs.
void load_rules(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(rules_of(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(load_rules)->Arg(0)->Arg(300)->Arg(3000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
