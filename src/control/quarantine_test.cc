#include "control/quarantine.h"

#include <gtest/gtest.h>

#include <functional>

#include "control/control_store.h"
#include "testing/temporary_directory.h"

namespace sightline::control {
namespace {

class QuarantineTest : public ::testing::Test {
 protected:
  void open(QuarantineLimits limits) {
    ControlOptions options;
    options.quarantine = limits;
    store_ = std::move(*ControlStore::open(directory_.path(), options));
  }

  // A batch whose lines were all rejected; how many lines made way.
  std::uint64_t add(std::string source, std::size_t lines, std::uint64_t never_kept = 0) {
    BatchCommit batch;
    batch.manifest.key = {"token:1", std::move(source), 0, ++sequence_};
    batch.manifest.format = "auditd";
    for (std::size_t line = 0; line < lines; ++line) {
      batch.rejected.push_back({line + 1, "error", std::string(295, 'x'), 1'000});
    }
    batch.rejected_count = lines + never_kept;
    const auto outcome = store_->commit(sequence_ - 1, std::span(&batch, 1), {});
    EXPECT_TRUE(outcome);
    return outcome->quarantine_dropped;
  }

  sightline::testing::TemporaryDirectory directory_;
  std::unique_ptr<ControlStore> store_;
  std::uint64_t sequence_ = 0;
};

TEST_F(QuarantineTest, RowsComeBackNewestFirstInPages) {
  open({});
  add("a", 2);
  add("b", 1);
  const auto page = store_->quarantine().list({}, 2);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 2U);
  EXPECT_EQ(page->at(0).source, "b");
  EXPECT_EQ(page->at(1).line, 2U);
  EXPECT_EQ(page->at(1).size_bytes, 1'000U);
  QuarantineFilter next;
  next.before = page->at(1).id;
  EXPECT_EQ(store_->quarantine().list(next, 2)->size(), 1U);
  QuarantineFilter of_b;
  of_b.source = "b";
  EXPECT_EQ(store_->quarantine().list(of_b, 10)->size(), 1U);
}

TEST_F(QuarantineTest, ASourceLosesItsOwnOldestRows) {
  open({.source_bytes = 1'000, .total_bytes = 100'000});  // two rows of 500 bytes
  add("quiet", 1);
  EXPECT_EQ(add("loud", 5), 3U);
  QuarantineFilter loud;
  loud.source = "loud";
  const auto rows = store_->quarantine().list(loud, 10);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(rows->at(0).line, 5U);
  const auto counts = store_->quarantine().counts();
  ASSERT_EQ(counts->size(), 2U);
  EXPECT_EQ(counts->at(0).rejected, 5U);
  EXPECT_EQ(counts->at(0).dropped, 3U);
  EXPECT_EQ(counts->at(1).dropped, 0U);
}

TEST_F(QuarantineTest, TheTotalIsBoundedOverSources) {
  open({.source_bytes = 1'000, .total_bytes = 1'500});
  EXPECT_EQ(add("a", 2), 0U);
  EXPECT_EQ(add("b", 2), 1U);
  EXPECT_EQ(store_->quarantine().list({}, 10)->size(), 3U);
  EXPECT_EQ(store_->quarantine().counts()->at(0).dropped, 1U);
}

TEST_F(QuarantineTest, FiltersNarrow) {
  open({});
  add("a", 2);
  add("b", 1);
  const std::vector<QuarantineRow> all = *store_->quarantine().list({}, 10);
  ASSERT_EQ(all.size(), 3U);
  const QuarantineRow& row = all.front();
  const auto count = [&](const std::function<void(QuarantineFilter&)>& narrow) {
    QuarantineFilter filter;
    narrow(filter);
    return store_->quarantine().list(filter, 10)->size();
  };
  const std::int64_t time_ms = row.received_time_ms;
  EXPECT_EQ(count([&](auto& filter) { filter.format = row.format; }), 3U);
  EXPECT_EQ(count([&](auto& filter) { filter.format = "other"; }), 0U);
  EXPECT_EQ(count([&](auto& filter) { filter.reason = row.error.substr(1); }), 3U);
  EXPECT_EQ(count([&](auto& filter) { filter.reason = "%"; }), 0U);
  EXPECT_EQ(count([&](auto& filter) { filter.from_ms = time_ms; }), 3U);
  EXPECT_EQ(count([&](auto& filter) { filter.from_ms = time_ms + 1; }), 0U);
  EXPECT_EQ(count([&](auto& filter) { filter.to_ms = time_ms; }), 0U);
  EXPECT_EQ(count([&](auto& filter) {
              filter.source = "b";
              filter.to_ms = time_ms + 1;
            }),
            1U);
}

TEST_F(QuarantineTest, LinesADecoderLetGoOfAreCounted) {
  open({});
  EXPECT_EQ(add("a", 1, 41), 41U);
  EXPECT_EQ(store_->quarantine().counts()->at(0).rejected, 42U);
  EXPECT_EQ(store_->quarantine().counts()->at(0).dropped, 41U);
}

TEST_F(QuarantineTest, SourcesBeyondTheLimitShareOneCount) {
  open({.sources = 2});
  for (const char* source : {"a", "b", "c", "d", "a"}) add(source, 1);
  const auto counts = store_->quarantine().counts();
  ASSERT_EQ(counts->size(), 3U);
  EXPECT_EQ(counts->at(0).principal, "(others)");
  EXPECT_EQ(counts->at(0).rejected, 2U);
  EXPECT_EQ(counts->at(1).rejected, 2U);
}

}  // namespace
}  // namespace sightline::control
