// A pipeline over a fake store and a real control database. Test support.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>

#include "control/control_store.h"
#include "detect/rule_loader.h"
#include "server/decoded_size.h"
#include "server/fake_event_store.h"
#include "server/pipeline.h"
#include "testing/manual_clock.h"
#include "testing/temporary_directory.h"

namespace sightline::server {

inline constexpr std::int64_t kStart = testing::ManualClock::kStartMs;

using testing::ManualClock;

// One event a line: "NAME" has exe NAME; "copy ACCOUNT EVENTID TIME" is a CloudTrail event; "bad" is rejected. The body
// "broken" is refused whole.
class LineDecoder final : public IngestDecoder {
 public:
  Result<sources::Decoded> decode(const IngestRequest& request, const AskRoom& room) const override {
    ++calls_;
    if (request.body == "broken") return fail(ErrorCode::invalid_input, "broken");
    sources::Decoded decoded;
    std::istringstream lines(request.body);
    std::uint64_t number = 0;
    for (std::string line; std::getline(lines, line);) {
      if (++number; line == "bad") {
        sources::reject(decoded, number, "a bad line", line);
      } else {
        add_event(line, decoded.events);
      }
    }
    if (!room(DecodedSize().update(decoded))) return fail(ErrorCode::busy, "no room");
    return decoded;
  }
  int calls() const { return calls_; }

 private:
  static void add_event(const std::string& line, EventBatch& events) {
    Event& event = events.add();
    event.original = events.arena().copy(line);
    std::istringstream words(line);
    std::string name, account, event_id;
    words >> name >> account >> event_id >> event.event_time_ms;
    if (event_id.empty()) {
      event.add_text(FieldId::exe, events.arena().copy(name));
      return;
    }
    event.add_text(FieldId::event_type, "cloudtrail");
    event.add_text(FieldId::recipient_account_id, events.arena().copy(account));
    event.add_text(FieldId::event_id, events.arena().copy(event_id));
  }

  mutable std::atomic<int> calls_{0};
};

inline std::shared_ptr<const detect::RuleSet> test_rules() {
  const detect::RuleText text{"test.yaml",
                              "id: test.evil\ntitle: \"{{exe}} ran\"\nseverity: 1\n"
                              "filter: exe = \"evil\" OR event_type = \"cloudtrail\"\n"};
  // Marks what it matches and raises no alert.
  const detect::RuleText quiet{"quiet.yaml",
                               "id: test.quiet\ntitle: Q\nlevel: informational\nlogsource: {product: test}\n"
                               "detection:\n  s: {exe: [evil, quiet]}\n  condition: s\n"};
  detect::sigma::Mapping mapping;
  EXPECT_TRUE(mapping.add("logsources: [{product: test}]\nevents: exe != null\n"));
  auto rules = detect::load_rules(std::array{text, quiet}, {.sigma_mapping = &mapping});
  for (const detect::RuleProblem& problem : rules->problems()) ADD_FAILURE() << to_string(problem);
  return rules;
}

class PipelineFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.repair_interval_ms = 3'600'000;  // repairs happen where a test asks for them
    start();
  }
  void TearDown() override { stop(); }

  void start() {
    const auto started = try_start();
    ASSERT_TRUE(started) << started.error().message;
  }

  Result<void> try_start() {
    auto control = control::ControlStore::open(directory_.path());
    if (!control) return std::unexpected(control.error());
    control_ = std::move(*control);
    detector_ = std::make_unique<detect::Detector>(test_rules());
    auto pipeline = Pipeline::start(store_, *control_, *detector_, decoder_, clock_, options_);
    if (!pipeline) return std::unexpected(pipeline.error());
    pipeline_ = std::move(*pipeline);
    return {};
  }

  void stop() {
    pipeline_.reset();
    control_.reset();
  }
  void restart() {
    stop();
    start();
  }

  // Runs `work` and then puts the control database back to what it was before: what a crash leaves behind when it
  // strikes after the events were stored and before the control database was.
  template <class Work>
  void crash_before_the_control_commit(Work work) {
    stop();
    const std::filesystem::path file = directory_.path() / "control.db";
    const std::filesystem::path kept = directory_.path() / "kept.db";
    std::filesystem::copy_file(file, kept, std::filesystem::copy_options::overwrite_existing);
    start();
    work();
    stop();
    std::filesystem::remove(directory_.path() / "control.db-wal");
    std::filesystem::remove(directory_.path() / "control.db-shm");
    std::filesystem::rename(kept, file);
  }

  // Statements that run beside the server's own connection.
  void execute(const char* text) {
    SQLite::Database connection((directory_.path() / "control.db").string(), SQLite::OPEN_READWRITE, 5'000);
    connection.exec(text);
  }
  void make_control_commits_fail() {
    execute("CREATE TRIGGER test_fault BEFORE INSERT ON manifests BEGIN SELECT RAISE (ABORT, 'fault'); END");
  }
  void let_control_commits_work() { execute("DROP TRIGGER test_fault"); }

  static IngestRequest request(std::string source, std::uint64_t sequence, std::string body) {
    IngestRequest request;
    request.key = {"token:1", std::move(source), 1, sequence};
    request.body = std::move(body);
    return request;
  }
  Result<IngestAnswer> ingest(std::uint64_t sequence, std::string body) {
    return pipeline_->ingest(request("host-a", sequence, std::move(body)));
  }

  std::vector<alerts::Alert> alerts() {
    const auto page = control_->alerts().list({}, 1'000, std::nullopt);
    EXPECT_TRUE(page);
    return page->alerts;
  }
  std::size_t stored_events() {
    std::size_t count = 0;
    for (const auto& [number, batch] : store_.batches()) count += batch.events.size();
    return count;
  }

  sightline::testing::TemporaryDirectory directory_;
  FakeEventStore store_;
  ManualClock clock_;
  LineDecoder decoder_;
  PipelineOptions options_;
  std::unique_ptr<control::ControlStore> control_;
  std::unique_ptr<detect::Detector> detector_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace sightline::server
