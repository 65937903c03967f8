// What the shipped rules and SigmaHQ's find: in the calls that Stratus Red Team's techniques made, and in everyday
// events of the replay. The tables of docs/detections.md are the expectation; SIGHTLINE_UPDATE_GOLDEN=1 writes them.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "detect/detector.h"
#include "detect/rule_loader.h"
#include "replay/replay.h"
#include "sources/formats/formats.h"
#include "testing/corpora.h"
#include "testing/temporary_directory.h"

namespace sightline::detect {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEndMs = 1'732'406'400'000;
constexpr std::size_t kEveryday = 100'000;

using Rules = std::shared_ptr<const RuleSet>;
// How often each rule fired.
using Counts = std::map<const Rule*, std::size_t>;

const fs::path kRoot(SIGHTLINE_SOURCE_DIR);

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Rules load(const fs::path& folder) {
  auto rules = load_rule_files(std::span(&folder, 1), {});
  EXPECT_TRUE(rules) << rules.error().message;
  return rules.value_or(std::make_shared<const RuleSet>());
}
const Rules& shipped() {
  static const Rules kRules = load(kRoot / "rules");
  return kRules;
}
const Rules& sigma() {
  static const Rules kRules = load(testing::corpora() / "sigma");
  return kRules;
}

EventBatch decode(sources::Format format, const sources::DecodeContext& context, const std::string& bytes) {
  const auto decoder = sources::make_decoder(format, context);
  sources::Decoded decoded;
  decoder->write(bytes, decoded);
  decoder->finish(decoded);
  EXPECT_EQ(decoded.rejected_count, 0U);
  return std::move(decoded.events);
}

// Titles say what happened, not that something is missing.
void count(const Detector& detector, const EventBatch& events, Counts& counts) {
  for (const Firing& firing : detector.detect(events, 0).firings) {
    if (!firing.rule->alerts) continue;
    ++counts[firing.rule];
    const std::string title = firing.rule->title.render(events.events()[firing.event_indices.front()]);
    EXPECT_THAT(title, ::testing::Not(::testing::HasSubstr("(no "))) << firing.rule->id;
  }
}

std::string name_of(const Rule& rule) {
  return rule.log_source.empty() ? "`" + rule.id + "`" : std::string(rule.title.text());
}

std::string list_of(const Counts& counts) {
  std::set<std::string> names;
  for (const auto& [rule, times] : counts) {
    names.insert(times == 1 ? name_of(*rule) : fmt::format("{} {}×", name_of(*rule), times));
  }
  return names.empty() ? "—" : fmt::format("{}", fmt::join(names, ", "));
}

// What stands in docs/detections.md between the comments that name a section.
void expect_section(const std::string& name, const std::string& made) {
  const fs::path file = kRoot / "docs/detections.md";
  std::string page = read_file(file);
  const std::string head = fmt::format("<!-- {} -->\n", name);
  const std::size_t begin = page.find(head);
  const std::size_t end = page.find(fmt::format("<!-- end of {} -->", name));
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos) << name;
  const std::size_t from = begin + head.size();
  if (std::getenv("SIGHTLINE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << page.replace(from, end - from, made);
  } else {
    EXPECT_EQ(page.substr(from, end - from), made) << "run this test once with SIGHTLINE_UPDATE_GOLDEN=1";
  }
}

TEST(Detections, OfTheTechniquesOfStratusRedTeam) {
  SIGHTLINE_NEEDS_CORPUS("sigma");
  SIGHTLINE_NEEDS_CORPUS("cloudtrail/stratus");
  const Detector ours(shipped());
  const Detector theirs(sigma());
  std::string table = "| technique | events | shipped rules | SigmaHQ's rules |\n|---|---|---|---|\n";
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(testing::corpora() / "cloudtrail/stratus")) {
    if (entry.path().extension() == ".json") files.insert(entry.path());
  }
  for (const fs::path& file : files) {
    const EventBatch events = decode(sources::Format::cloudtrail, {}, read_file(file));
    Counts by_ours;
    Counts by_theirs;
    count(ours, events, by_ours);
    count(theirs, events, by_theirs);
    EXPECT_FALSE(by_ours.empty()) << file;
    table += fmt::format("| {} | {} | {} | {} |\n", file.stem().string(), events.size(), list_of(by_ours),
                         list_of(by_theirs));
  }
  EXPECT_EQ(files.size(), 35U);
  expect_section("techniques", table);
}

// The investigation's events are among them.
Counts on_everyday_events(const Rules& rules) {
  const testing::TemporaryDirectory folder;
  replay::ReplayOptions options;
  options.folder = folder.path();
  options.everyday = kEveryday;
  options.end_ms = kEndMs;
  const auto written = replay::write_replay(options);
  EXPECT_TRUE(written) << written.error().message;
  const Detector detector(rules);
  Counts counts;
  for (const replay::ReplayFile& file : written->files) {
    sources::DecodeContext context;
    if (file.host) context.hostname = file.host->name;
    const auto format = sources::parse_format(file.format);
    EXPECT_TRUE(format) << file.format;
    count(detector, decode(*format, context, read_file(folder.path() / file.name)), counts);
  }
  return counts;
}

std::string everyday_table(const Counts& counts) {
  std::vector<std::pair<const Rule*, std::size_t>> rows(counts.begin(), counts.end());
  std::ranges::sort(rows, [](const auto& left, const auto& right) {
    return left.second != right.second ? left.second > right.second : name_of(*left.first) < name_of(*right.first);
  });
  std::string table = "| rule | severity | firings |\n|---|---|---|\n";
  for (const auto& [rule, times] : rows) {
    table += fmt::format("| {} | {} | {} |\n", name_of(*rule), rule->severity, times);
  }
  return table;
}

TEST(Detections, OfEverydayEvents) { expect_section("everyday", everyday_table(on_everyday_events(shipped()))); }

TEST(Detections, OfEverydayEventsBySigma) {
  SIGHTLINE_NEEDS_CORPUS("sigma");
  expect_section("everyday of SigmaHQ", everyday_table(on_everyday_events(sigma())));
}

}  // namespace
}  // namespace sightline::detect
