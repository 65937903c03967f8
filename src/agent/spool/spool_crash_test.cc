// A process that appends and delivers, killed at random moments: every batch that it reported is delivered, whole and
// once, and no sequence ever stands for two batches.
//
// SIGHTLINE_SPOOL_SEED changes the moments.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "agent/spool/spool_fixture.h"

namespace sightline::agent {
namespace {

// What the process says, in whole writes.
struct Report {
  enum class Kind : std::uint64_t { appended, delivered, acknowledged, damaged } kind = Kind::appended;
  std::uint64_t sequence = 0;
  std::uint64_t content = 0;  // of its batch: 0 where it is not whole
};

class SpoolCrash : public SpoolFixture {
 protected:
  // Its body says which it is, and has the length and bytes that follow from that.
  static Batch batch_of(std::uint64_t content) {
    std::minstd_rand random(static_cast<std::uint32_t>(content));
    Batch made = batch(content, random() % 20 == 0 ? random() % 300'000 : random() % 3'000);
    made.source = "audit";
    return made;
  }

  // Ends by being killed, or where something is wrong.
  [[noreturn]] void run(int reports, std::uint32_t seed) const {
    const auto say = [reports](Report report) {
      if (::write(reports, &report, sizeof report) != sizeof report) ::_exit(1);
    };
    std::mt19937 random(seed);
    auto spool = Spool::open(options());
    if (!spool) ::_exit(2);
    const std::string cursor = (*spool)->cursor("audit");
    // The source goes on where the spool says, as a source does.
    std::uint64_t content = cursor.empty() ? 0 : std::stoull(cursor.substr(cursor.rfind(' ')));
    while (true) {
      if (random() % 5 < 3) {
        const auto sequence = (*spool)->append(batch_of(++content));
        if (!sequence) ::_exit(3);
        say({Report::Kind::appended, *sequence, content});
        continue;
      }
      const auto oldest = (*spool)->oldest();
      if (!oldest) ::_exit(4);
      if (!(*spool)->take_damage().empty()) say({Report::Kind::damaged, 0, 0});
      if (!*oldest) continue;
      const Batch& delivered = (*oldest)->batch;
      const bool whole = delivered == batch_of(delivered.events);
      say({Report::Kind::delivered, (*oldest)->sequence, whole ? delivered.events : 0});
      if (!(*spool)->acknowledge((*oldest)->sequence)) ::_exit(5);
      say({Report::Kind::acknowledged, (*oldest)->sequence, 0});
    }
  }

  void note(const Report& report) {
    EXPECT_NE(report.kind, Report::Kind::damaged);
    if (report.kind == Report::Kind::acknowledged) {
      acknowledged_.insert(report.sequence);
      return;
    }
    EXPECT_NE(report.content, 0U) << report.sequence << " is not whole";
    const auto known = contents_.emplace(report.sequence, report.content).first;
    EXPECT_EQ(known->second, report.content) << report.sequence << " was used twice";
    if (report.kind == Report::Kind::appended) return;
    EXPECT_FALSE(acknowledged_.contains(report.sequence)) << report.sequence << " came again";
    delivered_.insert(report.sequence);
  }

  std::map<std::uint64_t, std::uint64_t> contents_;  // by sequence
  std::set<std::uint64_t> delivered_;
  std::set<std::uint64_t> acknowledged_;
};

TEST_F(SpoolCrash, WhatWasReportedIsDeliveredOnceAndWhole) {
  segment_bytes_ = 50'000;
  const char* text = std::getenv("SIGHTLINE_SPOOL_SEED");
  const auto seed = static_cast<std::uint32_t>(text == nullptr ? 1 : std::strtoul(text, nullptr, 10));
  std::mt19937 random(seed);
  constexpr int kRounds = 50;
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const std::uint32_t child_seed = random();
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      run(ends[1], child_seed);
    }
    ::close(ends[1]);
    Report report;
    // After so many reports and a random while, which the process uses for whatever it does then.
    for (std::uint32_t left = random() % 120; left > 0 && ::read(ends[0], &report, sizeof report) > 0; --left)
      note(report);
    for (volatile std::uint32_t spin = random() % 400'000; spin > 0;) spin = spin - 1;
    ::kill(child, SIGKILL);
    while (::read(ends[0], &report, sizeof report) > 0) note(report);
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
  }
  const auto spool = open();
  for (const StoredBatch& stored : drain(*spool)) {
    EXPECT_EQ(stored.batch, batch_of(stored.batch.events));
    note({Report::Kind::delivered, stored.sequence, stored.batch.events});
  }
  EXPECT_TRUE(spool->take_damage().empty());
  // One after the other, from the first on, and so are their contents.
  std::uint64_t sequence = 0;
  for (const auto& [number, content] : contents_) {
    EXPECT_EQ(number, ++sequence);
    EXPECT_EQ(content, number);
    EXPECT_TRUE(delivered_.contains(number)) << number;
  }
  EXPECT_GT(sequence, 500U);
  std::cout << fmt::format("{} rounds, seed {}: {} batches\n", kRounds, seed, sequence);
}

}  // namespace
}  // namespace sightline::agent
