// The replay's files through the real decoders, its answers against the query language, its alerts against the rules.
#include "replay/replay.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "detect/detector.h"
#include "detect/rule_loader.h"
#include "query/checker.h"
#include "query/parser.h"
#include "query/predicate.h"
#include "sources/compression/decompressor.h"
#include "sources/formats/formats.h"

namespace sightline::replay {
namespace {

constexpr std::int64_t kEndMs = 1'732'406'400'000;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string decompressed(const std::string& bytes) {
  std::string out;
  const auto sink = [&](std::string_view piece) { out += piece; };
  const auto decompressor = sources::make_decompressor(sources::detect_encoding(bytes), sink);
  EXPECT_TRUE(decompressor->write(bytes));
  EXPECT_TRUE(decompressor->finish());
  return out;
}

// How a test names an event, of the answers and of what was decoded alike.
std::string name_of(const std::string& file, std::int64_t time_ms, const std::string& id) {
  return file + " " + std::to_string(time_ms) + " " + id;
}
std::string name_of(const EventFacts& facts) {
  return name_of(facts.file, facts.time_ms,
                 facts.cloudtrail_id.empty() ? std::to_string(facts.serial) : facts.cloudtrail_id);
}
std::string name_of(const std::string& file, const Event& event) {
  const auto cloudtrail_id = event.text(FieldId::event_id);
  return name_of(
      file, event.event_time_ms,
      cloudtrail_id ? std::string(*cloudtrail_id) : std::to_string(event.integer(FieldId::serial).value_or(0)));
}

struct DecodedFile {
  std::string name;
  sources::Decoded decoded;
};

DecodedFile decode(const std::filesystem::path& folder, const ReplayFile& file) {
  DecodedFile out{file.name, {}};
  sources::DecodeContext context;
  if (file.host) {
    context.agent_id = file.host->agent_id;
    context.hostname = file.host->name;
    context.instance_id = file.host->instance_id;
  }
  const auto format = sources::parse_format(file.format);
  EXPECT_TRUE(format) << file.format;
  const auto decoder = sources::make_decoder(*format, context);
  decoder->write(decompressed(read_file(folder / file.name)), out.decoded);
  decoder->finish(out.decoded);
  return out;
}

class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view name)
      : path_(std::filesystem::path(::testing::TempDir()) / ("sightline-replay-" + std::string(name))) {
    std::filesystem::remove_all(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// One small replay for all tests of the suite.
class Replay : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>("suite");
    const auto contents =
        write_replay({.folder = folder_->path(), .seed = 3, .everyday = 6000, .end_ms = kEndMs, .gzip = true});
    ASSERT_TRUE(contents) << contents.error().message;
    contents_ = std::make_unique<ReplayContents>(*contents);
    files_ = std::make_unique<std::vector<DecodedFile>>();
    for (const ReplayFile& file : contents_->files) files_->push_back(decode(folder_->path(), file));
  }
  static void TearDownTestSuite() {
    files_.reset();
    contents_.reset();
    folder_.reset();
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline std::unique_ptr<ReplayContents> contents_;
  static inline std::unique_ptr<std::vector<DecodedFile>> files_;
};

TEST_F(Replay, DecodesWithoutRejectionsAndAsAnnounced) {
  std::set<std::string> announced;
  for (const EventFacts& facts : contents_->events) announced.insert(name_of(facts));
  EXPECT_EQ(announced.size(), contents_->events.size()) << "two events have one name";
  EXPECT_GE(announced.size(), 6000U + 80U);
  std::set<std::string> decoded;
  for (std::size_t i = 0; i < files_->size(); ++i) {
    const DecodedFile& file = (*files_)[i];
    EXPECT_EQ(file.decoded.rejected_count, 0U) << file.name << ": " << file.decoded.rejected.front().error;
    EXPECT_EQ(file.decoded.events.size(), contents_->files[i].events) << file.name;
    for (const Event& event : file.decoded.events.events()) {
      decoded.insert(name_of(file.name, event));
      EXPECT_EQ(event.find(FieldId::partial), nullptr) << event.original;
      EXPECT_EQ(event.find(FieldId::malformed), nullptr) << event.original;
      EXPECT_LE(event.event_time_ms, kEndMs);
      EXPECT_GE(event.event_time_ms, contents_->from_ms - 1000);
    }
  }
  EXPECT_EQ(decoded, announced);
}

TEST_F(Replay, TheQueriesFindExactlyTheAnswers) {
  for (const ExpectedQuery& expected : expected_queries(*contents_)) {
    auto expr = query::parse_expression(expected.query);
    ASSERT_TRUE(expr) << query::render(expr.error(), expected.query);
    const auto checked = query::check(*expr, {});
    ASSERT_TRUE(checked) << query::render(checked.error(), expected.query);
    const auto predicate = query::Predicate::compile(*expr);
    ASSERT_TRUE(predicate) << predicate.error().message;
    const auto in_request = [&](std::int64_t time_ms) {
      return time_ms >= expected.from_ms.value_or(INT64_MIN) && time_ms < expected.to_ms.value_or(INT64_MAX);
    };
    std::set<std::string> found;
    for (const DecodedFile& file : *files_) {
      for (const Event& event : file.decoded.events.events()) {
        if (in_request(event.event_time_ms) && predicate->matches(event)) found.insert(name_of(file.name, event));
      }
    }
    std::set<std::string> answers;
    std::size_t story = 0;
    for (const EventFacts& facts : contents_->events) {
      if (!in_request(facts.time_ms) || !expected.holds(facts)) continue;
      answers.insert(name_of(facts));
      if (facts.story != 0) ++story;
    }
    EXPECT_EQ(found, answers) << expected.name << ": " << expected.query;
    EXPECT_GT(story, 0U) << expected.name;
  }
}

TEST_F(Replay, EverydayEventsMakeTheQueriesRealTests) {
  std::map<std::string, std::size_t> everyday;
  for (const ExpectedQuery& expected : expected_queries(*contents_)) {
    for (const EventFacts& facts : contents_->events) {
      if (facts.story == 0 && expected.holds(facts)) ++everyday[expected.name];
    }
  }
  for (const std::string_view name : {"logins_on_host_a", "assumed_roles", "role_of_host_a", "later_logins"}) {
    EXPECT_GT(everyday[std::string(name)], 0U) << name;
  }
}

TEST_F(Replay, TheStoryFiresItsRules) {
  const std::filesystem::path paths[] = {std::filesystem::path(SIGHTLINE_SOURCE_DIR) / "rules"};
  const auto rules = detect::load_rule_files(paths, {});
  ASSERT_TRUE(rules) << rules.error().message;
  const detect::Detector detector(*rules);
  std::map<std::string, const EventFacts*> facts_by_name;
  for (const EventFacts& facts : contents_->events) facts_by_name[name_of(facts)] = &facts;
  std::set<std::string> fired;
  std::size_t everyday_firings = 0;
  for (const DecodedFile& file : *files_) {
    for (const detect::Firing& firing : detector.detect(file.decoded.events, 0).firings) {
      const std::string name = name_of(file.name, file.decoded.events.events()[firing.event_indices.front()]);
      if (facts_by_name.at(name)->story == 0) {
        ++everyday_firings;
        EXPECT_EQ(firing.rule->severity, 3) << firing.rule->id << " on " << name;
      } else {
        fired.insert(firing.rule->id + " " + name);
      }
    }
  }
  std::set<std::string> expected;
  for (const EventFacts& facts : contents_->events) {
    if (!facts.rule_id.empty()) expected.insert(facts.rule_id + " " + name_of(facts));
  }
  EXPECT_EQ(fired, expected);
  EXPECT_LT(everyday_firings, 50U);
}

TEST_F(Replay, TheStoryIsInOrderAndWhole) {
  std::map<int, std::int64_t> first_ms;
  for (const EventFacts& facts : contents_->events) {
    if (facts.story == 0) continue;
    const auto [place, fresh] = first_ms.emplace(facts.story, facts.time_ms);
    if (!fresh) place->second = std::min(place->second, facts.time_ms);
  }
  ASSERT_EQ(first_ms.size(), story_steps().size());
  std::int64_t before_ms = 0;
  for (const auto& [step, time_ms] : first_ms) {
    EXPECT_GT(time_ms, before_ms - 1000) << "step " << step;  // CloudTrail times are whole seconds
    before_ms = time_ms;
  }
}

TEST_F(Replay, TheStorysTelemetrySaysWhatTheArticleSays) {
  std::vector<std::string> commands;
  std::set<std::string> roles;
  bool no_such_file = false;
  for (const DecodedFile& file : *files_) {
    for (const Event& event : file.decoded.events.events()) {
      if (event.text(FieldId::type) == "start") commands.emplace_back(event.text(FieldId::arguments).value_or(""));
      if (event.text(FieldId::filename) == "/home/ubuntu/.aws/credentials") {
        no_such_file = event.text(FieldId::exit_name) == "ENOENT" && event.text(FieldId::auser) == "ubuntu";
      }
      if (event.text(FieldId::event_name) == "ListBuckets") roles.emplace(event.text(FieldId::arn_role).value_or(""));
    }
  }
  EXPECT_THAT(commands, ::testing::Contains("sudo su -"));
  EXPECT_THAT(commands, ::testing::Contains("apt install -y awscli"));
  EXPECT_THAT(commands, ::testing::Contains(::testing::HasSubstr("aws ec2 describe-instances")));
  EXPECT_THAT(commands, ::testing::Contains(
                            ::testing::EndsWith("aws s3 cp s3://omg-my-cookies/secret-data.txt secret-data-copy.txt")));
  EXPECT_TRUE(no_such_file);
  EXPECT_THAT(roles, ::testing::Contains("assumed-role/myS3Reader/i-03128a5b8b894002a"));
}

TEST_F(Replay, TheAnswerFileIsJsonWithEveryPart) {
  const std::string answers = read_file(folder_->path() / "answers.json");
  sources::Decoded decoded;
  EXPECT_EQ(answers, answers_json(*contents_));
  for (const std::string_view part :
       {"\"counts\":{\"events\":", "\"files\":[", "\"story\":[", "\"queries\":[", "\"alerts\":[",
        "\"rule_id\":\"ec2-metadata-service\"", "\"agent_id\":\"436dd34c-"}) {
    EXPECT_THAT(answers, ::testing::HasSubstr(part));
  }
}

TEST(ReplayFiles, TheSameSeedGivesTheSameBytes) {
  const TemporaryFolder first("first");
  const TemporaryFolder second("second");
  const TemporaryFolder other("other");
  const auto write = [](const TemporaryFolder& folder, std::uint64_t seed) {
    const auto contents = write_replay({.folder = folder.path(), .seed = seed, .everyday = 500, .end_ms = kEndMs});
    ASSERT_TRUE(contents) << contents.error().message;
  };
  write(first, 1);
  write(second, 1);
  write(other, 2);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(first.path())) {
    ++files;
    EXPECT_EQ(read_file(entry.path()), read_file(second.path() / entry.path().filename())) << entry.path();
    EXPECT_NE(read_file(entry.path()), read_file(other.path() / entry.path().filename())) << entry.path();
  }
  EXPECT_EQ(files, 8U + 24U + 1U);
}

TEST(ReplayFiles, RefusesTimesWithoutRoomForTheStory) {
  const TemporaryFolder folder("refused");
  EXPECT_FALSE(write_replay({.folder = folder.path(), .end_ms = kEndMs, .span_ms = 1000}));
  EXPECT_FALSE(write_replay({.folder = folder.path(), .end_ms = 5}));
}

TEST(ReplayBulk, WritesAsManyEventsAsAskedAndAllDecode) {
  const TemporaryFolder folder("bulk");
  std::filesystem::create_directories(folder.path());
  const auto write = [&](const char* name, const auto& writer) {
    auto file = OutputFile::open(folder.path() / name, false);
    ASSERT_TRUE(file);
    writer(*file);
    ASSERT_TRUE(file->close());
  };
  const BulkOptions options{.seed = 5, .events = 3000, .end_ms = kEndMs};
  write("cloudtrail.ndjson", [&](OutputFile& out) { write_cloudtrail(options, out); });
  std::uint64_t audit_events = 0;
  write("audit.log", [&](OutputFile& out) { audit_events = write_audit(options, out); });
  const DecodedFile cloud = decode(folder.path(), {.name = "cloudtrail.ndjson", .format = "cloudtrail", .host = {}});
  EXPECT_EQ(cloud.decoded.events.size(), 3000U);
  EXPECT_EQ(cloud.decoded.rejected_count, 0U);
  const DecodedFile audit = decode(folder.path(), {.name = "audit.log", .format = "auditd", .host = {}});
  EXPECT_EQ(audit.decoded.events.size(), audit_events);
  EXPECT_GE(audit_events, 3000U);
  EXPECT_EQ(audit.decoded.rejected_count, 0U);
  std::set<std::string_view> names;
  std::size_t bytes = 0;
  for (const Event& event : cloud.decoded.events.events()) {
    names.insert(event.text(FieldId::event_name).value_or(""));
    bytes += event.original.size();
  }
  EXPECT_GT(names.size(), 30U);
  EXPECT_GT(bytes / 3000, 1000U);
}

}  // namespace
}  // namespace sightline::replay
