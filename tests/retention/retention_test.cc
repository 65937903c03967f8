// Retention from the request to what verify says, on the embedded store.
#include "server/retention.h"

#include <gtest/gtest.h>

#include "detect/detector.h"
#include "detect/rule_loader.h"
#include "server/pipeline.h"
#include "server/verify.h"
#include "store/clickhouse/embedded/embedded_store.h"
#include "testing/temporary_directory.h"

namespace sightline::server {
namespace {

constexpr std::int64_t kStart = 1'700'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

class ManualClock final : public Clock {
 public:
  std::int64_t now_ms() const override { return now_ms_; }
  void set_day(std::int64_t day) { now_ms_ = kStart + day * kDay; }

 private:
  std::int64_t now_ms_ = kStart;
};

class RetentionSystem : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = std::move(*store::open_embedded({.directory = (directory_.path() / "events").string(), .log = {}}));
    control_ = std::move(*control::ControlStore::open(directory_.path()));
    detector_ = std::make_unique<detect::Detector>(detect::load_rules({}, {}));
    decoder_ = make_ingest_decoder();
  }
  // Each request by a pipeline of its own, so that the clock stands still while another thread looks at it.
  Result<IngestAnswer> ingest(std::int64_t day, std::uint64_t sequence, std::string body) {
    clock_.set_day(day);
    const auto pipeline = Pipeline::start(*store_, *control_, *detector_, *decoder_, clock_);
    IngestRequest request;
    request.key = {"token:1", "host", 1, sequence};
    request.body = std::move(body);
    return (*pipeline)->ingest(request);
  }
  VerifyReport report() { return *verify(*store_, *control_, {}); }

  const sightline::testing::TemporaryDirectory directory_;
  ManualClock clock_;
  std::unique_ptr<store::EventStore> store_;
  std::unique_ptr<control::ControlStore> control_;
  std::unique_ptr<detect::Detector> detector_;
  std::unique_ptr<IngestDecoder> decoder_;
};

TEST_F(RetentionSystem, OldDaysGoTheRestStaysAndVerifyAgrees) {
  ASSERT_TRUE(ingest(0, 1, "{\"user\":\"a\"}\n{\"user\":\"b\"}\n"));
  ASSERT_TRUE(ingest(0, 2, "{\"user\":\"c\"}\n"));
  ASSERT_TRUE(ingest(5, 3, "{\"user\":\"d\"}\n"));
  ASSERT_TRUE(ingest(40, 4, "{\"user\":\"e\"}\n{\"user\":\"f\"}\n{\"user\":\"g\"}\n"));
  ASSERT_TRUE(report().intact());
  Retention retention({*store_, *control_, clock_, std::move(*CommitGate::open(directory_.path())), nullptr},
                      {.days = 36}, std::chrono::seconds(0));
  const auto removed = retention.run_once();
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_TRUE(*removed);
  EXPECT_EQ(store_->statistics()->events, 4U);
  const VerifyReport after = report();
  EXPECT_TRUE(after.intact());
  EXPECT_EQ(after.batches, 4U);
  EXPECT_EQ(after.events, 4U);
  EXPECT_EQ(after.removed_batches, 2U);
  EXPECT_EQ(after.removed_events, 3U);
  const auto again = ingest(41, 1, "{\"user\":\"a\"}\n{\"user\":\"b\"}\n");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(store_->statistics()->events, 4U);
  // What is deleted without an entry is missing, whatever retention did before.
  ASSERT_TRUE(store_->remove_day((kStart + 5 * kDay) / kDay));
  EXPECT_EQ(report().findings.size(), 1U);
  EXPECT_EQ(report().findings.front().kind, FindingKind::events_missing);
}

}  // namespace
}  // namespace sightline::server
