#include "agent/loss/ledger.h"

#include <gtest/gtest.h>

namespace sightline::agent {
namespace {

Loss lost(LossReason reason, std::optional<std::uint64_t> count, std::int64_t from_ms, std::int64_t to_ms) {
  return {.source = "audit", .reason = reason, .count = count, .from_ms = from_ms, .to_ms = to_ms, .detail = ""};
}

TEST(LossLedger, AddsUpWhatHasOneReason) {
  LossLedger ledger;
  EXPECT_TRUE(ledger.empty());
  ledger.add(lost(LossReason::serial_gap, 3, 100, 200));
  ledger.add(lost(LossReason::serial_gap, 4, 50, 150));
  ledger.add(lost(LossReason::unreadable, 1, 120, 120));
  const std::vector<Loss> losses = ledger.take();
  ASSERT_EQ(losses.size(), 2U);
  EXPECT_EQ(losses[0].reason, LossReason::serial_gap);
  EXPECT_EQ(losses[0].count, 7U);
  EXPECT_EQ(losses[0].from_ms, 50);
  EXPECT_EQ(losses[0].to_ms, 200);
  EXPECT_EQ(losses[1].count, 1U);
  EXPECT_TRUE(ledger.take().empty());
}

TEST(LossLedger, ASumWithAnUnknownPartIsUnknown) {
  LossLedger ledger;
  ledger.add(lost(LossReason::file_gone, 3, 1, 1));
  ledger.add(lost(LossReason::file_gone, std::nullopt, 2, 2));
  ledger.add(lost(LossReason::file_gone, 5, 3, 3));
  EXPECT_EQ(ledger.take().at(0).count, std::nullopt);
}

TEST(LossLedger, WhatCouldNotBeToldJoinsWhatCameSince) {
  LossLedger ledger;
  ledger.add(lost(LossReason::spool_full, 10, 1, 2));
  std::vector<Loss> losses = ledger.take();
  ledger.add(lost(LossReason::spool_full, 5, 3, 4));
  ledger.put_back(std::move(losses));
  const std::vector<Loss> all = ledger.take();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].count, 15U);
  EXPECT_EQ(all[0].from_ms, 1);
  EXPECT_EQ(all[0].to_ms, 4);
}

TEST(Loss, IsAnEventOfTheHost) {
  Loss loss = lost(LossReason::kernel_lost, 12, 1000, 2000);
  EXPECT_EQ(event_line(loss),
            "{\"event_time\":2000,\"event_type\":\"host\",\"type\":\"loss\","
            "\"log\":\"audit: the kernel dropped audit records (12 records)\","
            "\"loss\":{\"source\":\"audit\",\"reason\":\"kernel_lost\",\"count\":12,\"unit\":\"records\","
            "\"from\":1000,\"to\":2000}}\n");
  loss.count.reset();
  loss.detail = "quote \" and line\n";
  EXPECT_EQ(
      event_line(loss),
      "{\"event_time\":2000,\"event_type\":\"host\",\"type\":\"loss\","
      "\"log\":\"audit: the kernel dropped audit records (an unknown number of records): quote \\\" and line\\n\","
      "\"loss\":{\"source\":\"audit\",\"reason\":\"kernel_lost\",\"unit\":\"records\","
      "\"from\":1000,\"to\":2000}}\n");
}

}  // namespace
}  // namespace sightline::agent
