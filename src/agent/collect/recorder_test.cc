#include "agent/collect/recorder.h"

#include <gtest/gtest.h>

#include <random>

#include "sources/compression/decompressor.h"
#include "testing/manual_clock.h"
#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

class NamedSource final : public Source {
 public:
  NamedSource(std::string name, bool waits) : name_(std::move(name)), waits_(waits) {}
  std::string_view name() const override { return name_; }
  std::string_view format() const override { return "syslog"; }
  int descriptor() const override { return -1; }
  bool can_wait() const override { return waits_; }
  Result<Progress> collect(Collected&) override { return Progress{}; }
  bool holds_back() const override { return false; }
  void idle(std::int64_t, Collected&) override {}
  void finish(Collected&) override {}
  std::string cursor() const override { return position; }

  std::string position = "0";

 private:
  std::string name_;
  bool waits_;
};

std::string plain(std::string_view body) {
  std::string text;
  const auto stream =
      sources::make_decompressor(sources::Encoding::zstd, [&](std::string_view piece) { text += piece; });
  EXPECT_TRUE(stream->write(body));
  EXPECT_TRUE(stream->finish());
  return text;
}

class RecorderTest : public ::testing::Test {
 protected:
  void open(std::uint64_t max_bytes) {
    recorder_.reset();
    spool_.reset();
    auto opened = Spool::open({.directory = directory_.path() / "spool", .max_bytes = max_bytes, .min_free_bytes = 0});
    ASSERT_TRUE(opened) << opened.error().message;
    spool_ = std::move(*opened);
    recorder_ = std::make_unique<Recorder>(*spool_, ledger_, clock_, log_, [this] { ++stored_; });
  }
  // The oldest batch, which is then gone; its body is plain.
  std::optional<Batch> next() {
    for (;;) {
      const auto oldest = spool_->oldest();
      EXPECT_TRUE(oldest);
      if (!*oldest) return std::nullopt;
      EXPECT_TRUE(spool_->acknowledge((*oldest)->sequence));
      Batch batch = (*oldest)->batch;
      if (batch.events == 0) continue;  // for its cursor alone
      batch.body = plain(batch.body);
      return batch;
    }
  }
  // A line that no compression makes smaller.
  std::string noise(std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(' ' + random_() % 224);
    return text + "\n";
  }

  testing::TemporaryDirectory directory_;
  testing::ManualClock clock_;
  Log log_{clock_, LogLevel::off};
  LossLedger ledger_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Recorder> recorder_;
  int stored_ = 0;
  std::mt19937 random_{7};
};

constexpr std::uint64_t kRoomy = 64UL << 20U;

TEST_F(RecorderTest, WritesABatchWhenItIsOldEnough) {
  open(kRoomy);
  const NamedSource source("logins", true);
  recorder_->of(source).event("one\n", 5);
  EXPECT_EQ(recorder_->due_in_ms(), Recorder::kMaxAgeMs);
  clock_.advance(Recorder::kMaxAgeMs - 1);
  recorder_->of(source).event("two\n", 3);
  recorder_->write_due(false);
  EXPECT_EQ(stored_, 0);
  clock_.advance(1);
  recorder_->write_due(false);
  EXPECT_EQ(stored_, 1);
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->body, "one\ntwo\n");
  EXPECT_EQ(batch->events, 2U);
  EXPECT_EQ(batch->first_ms, 3);
  EXPECT_EQ(batch->last_ms, 5);
  EXPECT_EQ(batch->cursor, "0");
  EXPECT_EQ(recorder_->due_in_ms(), std::nullopt);
}

TEST_F(RecorderTest, AClockThatIsSetHoldsNothingBack) {
  open(kRoomy);
  const NamedSource source("logins", true);
  recorder_->of(source).event("one\n", 5);
  clock_.advance(-(3'600'000));
  EXPECT_EQ(recorder_->due_in_ms(), 0);
  recorder_->write_due(false);
  EXPECT_TRUE(next());
}

TEST_F(RecorderTest, AFullBatchIsWrittenAtOnce) {
  open(kRoomy);
  const NamedSource source("logins", true);
  recorder_->of(source).event(noise(BatchBuilder::kFullBytes), 5);
  recorder_->write_due(false);
  EXPECT_EQ(stored_, 1);
}

TEST_F(RecorderTest, WhatTheSpoolDoesNotTakeIsCounted) {
  open(1UL << 20U);
  const NamedSource source("audit", false);
  for (int i = 0; i < 40; ++i) {
    recorder_->of(source).event(noise(100'000), 1);
    recorder_->of(source).event("second\n", 2);
    recorder_->write_due(true);
  }
  // A loss is told as soon as the spool takes so much, which may be at once.
  std::uint64_t kept = 0;
  std::uint64_t lost = 0;
  for (const Loss& loss : ledger_.take()) lost += loss.count.value();
  while (const auto batch = next()) {
    if (batch->source == "audit") kept += batch->events;
    constexpr std::string_view kCount = R"("source":"audit","reason":"spool_full","count":)";
    for (std::size_t at = 0; (at = batch->body.find(kCount, at)) != std::string::npos;) {
      at += kCount.size();
      lost += std::stoull(batch->body.substr(at, 10));
    }
  }
  EXPECT_GT(kept, 0U);
  EXPECT_GT(lost, 0U);
  EXPECT_EQ(kept + lost, 80U);
}

TEST_F(RecorderTest, ASourceThatCanWaitLosesNothing) {
  open(1UL << 20U);
  NamedSource source("logins", true);
  int given = 0;
  while (!recorder_->is_held(source)) {
    source.position = std::to_string(given);
    recorder_->of(source).event(noise(100'000), given++);
    recorder_->write_due(true);
    ASSERT_LT(given, 100);
  }
  EXPECT_EQ(spool_->cursor("logins"), std::to_string(given - 2));
  std::uint64_t taken = 0;
  while (const auto batch = next()) ++taken;
  recorder_->write_due(false);
  EXPECT_TRUE(recorder_->is_held(source));  // it is left alone for a while
  clock_.advance(1000);
  recorder_->write_due(false);
  EXPECT_FALSE(recorder_->is_held(source));
  EXPECT_TRUE(next());
  EXPECT_EQ(taken + 1, static_cast<std::uint64_t>(given));
  EXPECT_TRUE(ledger_.empty());
}

TEST_F(RecorderTest, ACursorThatMovesWithoutEventsIsKept) {
  open(kRoomy);
  NamedSource source("logins", true);
  recorder_->of(source).event("one\n", 5);
  recorder_->write_due(true);
  ASSERT_TRUE(next());
  source.position = "7";
  recorder_->write_due(false);
  EXPECT_EQ(spool_->cursor("logins"), "0");
  clock_.advance(10'000);
  recorder_->write_due(false);
  EXPECT_EQ(spool_->cursor("logins"), "7");
  source.position = "8";
  recorder_->write_due(true);
  EXPECT_EQ(spool_->cursor("logins"), "8");
  EXPECT_EQ(spool_->stats().batches, 2U);
  recorder_->write_due(true);
  EXPECT_EQ(spool_->stats().batches, 2U);
  EXPECT_EQ(spool_->stats().events, 0U);
}

TEST_F(RecorderTest, ALossIsToldThoughABatchIsHeld) {
  open(1UL << 20U);
  const NamedSource file("logins", true);
  NamedSource audit("audit", false);
  for (int i = 0; !recorder_->is_held(file); ++i) {
    recorder_->of(file).event(noise(100'000), i);
    recorder_->write_due(true);
    ASSERT_LT(i, 100);
  }
  recorder_->of(audit).lost(
      {.source = "", .reason = LossReason::serial_gap, .count = 2, .from_ms = 1, .to_ms = 2, .detail = ""});
  audit.position = "9";
  recorder_->write_due(true);
  EXPECT_TRUE(ledger_.empty());
  EXPECT_TRUE(recorder_->is_held(file));
}

TEST_F(RecorderTest, LossesOfASecondAreOne) {
  open(kRoomy);
  const NamedSource audit("audit", false);
  const auto lose = [&] {
    recorder_->of(audit).lost(
        {.source = "", .reason = LossReason::over_budget, .count = 1, .from_ms = 1, .to_ms = 2, .detail = ""});
    recorder_->write_due(false);
  };
  for (int i = 0; i < 10; ++i) lose();
  EXPECT_EQ(spool_->stats().events, 1U);
  EXPECT_EQ(recorder_->due_in_ms(), Recorder::kMaxAgeMs);
  clock_.advance(Recorder::kMaxAgeMs);
  lose();
  EXPECT_EQ(spool_->stats().events, 2U);
  ASSERT_TRUE(next());
  const auto second = next();
  ASSERT_TRUE(second);
  EXPECT_NE(second->body.find("\"count\":10,"), std::string::npos);
}

TEST_F(RecorderTest, LossesAndItsOwnEventsAreABatchOfTheirOwn) {
  open(kRoomy);
  recorder_->tell("{\"type\":\"agent_started\"}\n");
  NamedSource source("audit", false);
  recorder_->of(source).lost(
      {.source = "", .reason = LossReason::serial_gap, .count = 2, .from_ms = 1, .to_ms = 2, .detail = ""});
  recorder_->write_due(false);
  const auto batch = next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->source, Recorder::kOwnSource);
  EXPECT_EQ(batch->format, "ndjson");
  EXPECT_EQ(batch->events, 2U);
  EXPECT_TRUE(batch->body.starts_with("{\"type\":\"agent_started\"}\n{\"event_time\":2,"));
  EXPECT_NE(batch->body.find(R"("source":"audit","reason":"serial_gap","count":2)"), std::string::npos);
  recorder_->write_due(true);
  EXPECT_FALSE(next());
}

}  // namespace
}  // namespace sightline::agent
