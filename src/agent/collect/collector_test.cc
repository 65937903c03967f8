#include "agent/collect/collector.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

// Has some events whenever its descriptor is readable, and holds each back until it was idle.
class HoldingSource final : public Source {
 public:
  std::string_view name() const override { return "test"; }
  std::string_view format() const override { return "syslog"; }
  int descriptor() const override { return signal_.number(); }
  bool can_wait() const override { return false; }
  Result<Progress> collect(Collected&) override {
    eventfd_t count = 0;
    if (eventfd_read(signal_.number(), &count) != 0) return Progress{};
    held_ += count;
    return Progress{.any = true, .more = true};
  }
  bool holds_back() const override { return held_ > 0; }
  void idle(std::int64_t idle_ms, Collected& out) override {
    if (idle_ms >= 20) finish(out);
  }
  void finish(Collected& out) override {
    for (; held_ > 0; --held_) out.event("line\n", 1);
  }
  std::string cursor() const override { return ""; }

  void add(std::uint64_t events) { eventfd_write(signal_.number(), events); }

 private:
  Descriptor signal_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::uint64_t held_ = 0;
};

class CollectorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Spool::open({.directory = directory_.path() / "spool", .min_free_bytes = 0});
    ASSERT_TRUE(opened) << opened.error().message;
    spool_ = std::move(*opened);
    recorder_ = std::make_unique<Recorder>(*spool_, ledger_, clock_, log_, [this] { stored_ = true; });
    sources_.push_back(std::make_unique<HoldingSource>());
  }
  HoldingSource& source() { return static_cast<HoldingSource&>(*sources_[0]); }

  testing::TemporaryDirectory directory_;
  SystemClock clock_;
  Log log_{clock_, LogLevel::off};
  LossLedger ledger_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Recorder> recorder_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::atomic<bool> stored_ = false;
};

TEST_F(CollectorTest, WhatComesIsWrittenWithoutFurtherCause) {
  Collector collector(sources_, *recorder_, log_);
  std::jthread running([&](const std::stop_token& stop) { collector.run(stop); });
  source().add(3);
  while (!stored_) std::this_thread::yield();
  EXPECT_EQ(spool_->stats().events, 3U);
}

TEST_F(CollectorTest, WhatCameBeforeTheEndIsInTheSpool) {
  Collector collector(sources_, *recorder_, log_);
  std::stop_source stop;
  stop.request_stop();
  source().add(5);
  collector.run(stop.get_token());
  EXPECT_EQ(spool_->stats().events, 5U);
}

}  // namespace
}  // namespace sightline::agent
