#include "server/copy_index.h"
#include "server/pipeline_fixture.h"
#include "server/verify.h"

namespace sightline::server {
namespace {

// CloudTrail copies through the whole pipeline.
class CopiesTest : public PipelineFixture {
 protected:
  static std::string line(std::string_view account, std::string_view id, std::int64_t time_ms = kStart) {
    return fmt::format("copy {} {} {}\n", account, id, time_ms);
  }
  std::optional<std::string> duplicate_of(std::uint64_t batch, std::size_t index) {
    const auto text = store_.batches().at(batch).events.events().at(index).text(FieldId::duplicate_of);
    return text ? std::optional(std::string(*text)) : std::nullopt;
  }
  static std::string id_text(std::uint64_t sequence, std::uint64_t index) {
    return sightline::to_string(make_event_id({"token:1", "host-a", 1, sequence}, index));
  }
  std::uint64_t horizon() { return control_->copies().horizon()->forgotten_below; }
};

TEST_F(CopiesTest, AreKeptMarkedAndNotCountedByRules) {
  ASSERT_TRUE(ingest(1, line("111", "e1") + line("222", "e1") + line("111", "e1")));
  EXPECT_EQ(duplicate_of(1, 0), std::nullopt);
  EXPECT_EQ(duplicate_of(1, 1), std::nullopt);  // another account
  EXPECT_EQ(duplicate_of(1, 2), id_text(1, 0));
  ASSERT_TRUE(ingest(2, "other\n" + line("222", "e1")));
  EXPECT_EQ(duplicate_of(2, 1), id_text(1, 1));
  EXPECT_EQ(stored_events(), 5U);
  EXPECT_EQ(alerts().size(), 2U);
  EXPECT_EQ(pipeline_->metrics().events_duplicate, 2U);
  EXPECT_TRUE(verify(store_, *control_, {})->intact());
}

TEST_F(CopiesTest, AreKnownAfterARestart) {
  ASSERT_TRUE(ingest(1, line("111", "e1")));
  restart();
  ASSERT_TRUE(ingest(2, line("111", "e1")));
  EXPECT_EQ(duplicate_of(2, 0), id_text(1, 0));
  EXPECT_EQ(store_.searches(), 0U);
}

TEST_F(CopiesTest, AreKnownAfterACrash) {
  crash_before_the_control_commit([&] { ASSERT_TRUE(ingest(1, line("111", "e1") + line("111", "e1"))); });
  start();
  EXPECT_EQ(alerts().size(), 1U);
  ASSERT_TRUE(ingest(2, line("111", "e1")));
  EXPECT_EQ(duplicate_of(2, 0), id_text(1, 0));
  EXPECT_EQ(alerts().size(), 1U);
}

TEST_F(CopiesTest, OfABatchThatFailedAreNoCopies) {
  store_.next_append(FakeEventStore::Fault::fails_before_storing);
  ASSERT_FALSE(ingest(1, line("111", "e1")));
  ASSERT_TRUE(ingest(2, line("111", "e1")));
  EXPECT_EQ(duplicate_of(1, 0), std::nullopt);
  EXPECT_EQ(alerts().size(), 1U);
}

TEST_F(CopiesTest, OfForgottenEventsAreFoundInTheStore) {
  stop();
  options_.remembered_copies = 4;
  start();
  // Two generations of two: the first is forgotten when the third is full.
  for (std::uint64_t sequence = 1; sequence <= 6; ++sequence) {
    clock_.set(kStart + static_cast<std::int64_t>(sequence));
    ASSERT_TRUE(ingest(sequence, line("111", fmt::format("e{}", sequence))));
  }
  EXPECT_GT(horizon(), 0U);
  ASSERT_TRUE(ingest(7, line("111", "e1") + line("222", "e1") + line("111", "e6")));
  EXPECT_EQ(duplicate_of(7, 0), id_text(1, 0));
  EXPECT_EQ(duplicate_of(7, 1), std::nullopt);
  EXPECT_EQ(duplicate_of(7, 2), id_text(6, 0));
  EXPECT_GT(store_.searches(), 0U);
  const std::uint64_t before = horizon();
  restart();
  EXPECT_EQ(horizon(), before);
  ASSERT_TRUE(ingest(8, line("111", "e1")));
  EXPECT_EQ(duplicate_of(8, 0), id_text(1, 0));
}

TEST_F(CopiesTest, OfEventsYoungerThanAllForgottenNeedNoSearch) {
  stop();
  options_.remembered_copies = 2;
  start();
  for (std::uint64_t sequence = 1; sequence <= 4; ++sequence) {
    ASSERT_TRUE(ingest(sequence, line("111", fmt::format("e{}", sequence))));
  }
  ASSERT_GT(horizon(), 0U);
  const std::size_t searches = store_.searches();
  constexpr std::int64_t kDay = 86'400'000;
  clock_.set(kStart + kDay);
  ASSERT_TRUE(ingest(5, line("111", "e5", kStart + kDay)));
  EXPECT_EQ(store_.searches(), searches);
}

TEST_F(CopiesTest, EventsOfOtherKindsAreNoCandidates) {
  EventBatch events;
  events.add().add_text(FieldId::event_id, "e1");
  events.add().add_text(FieldId::event_type, "cloudtrail");
  EXPECT_TRUE(copy_candidates(events).empty());
}

}  // namespace
}  // namespace sightline::server
