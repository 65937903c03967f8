#include "agent/kernel_audit/audit_records.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>

#include <cstring>
#include <vector>

namespace sightline::agent {
namespace {

class Taken final : public Collected {
 public:
  void event(std::string_view bytes, std::int64_t time_ms) override {
    events.emplace_back(bytes);
    times.push_back(time_ms);
  }
  void lost(Loss loss) override { losses.push_back(std::move(loss)); }

  std::vector<std::string> events;
  std::vector<std::int64_t> times;
  std::vector<Loss> losses;
};

class AuditRecordsTest : public ::testing::Test {
 protected:
  void take(std::uint16_t type, std::string_view text) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_len = static_cast<std::uint32_t>(text.size());
    std::string datagram(sizeof header, '\0');
    std::memcpy(datagram.data(), &header, sizeof header);
    records_.take(datagram.append(text), false, 0, taken_);
  }

  AuditRecords records_{SerialGaps(), IdNames([](IdNames::Kind, std::uint32_t) { return "somebody"; })};
  Taken taken_;
};

TEST_F(AuditRecordsTest, RecordsOfOneEventAreHandedOnTogether) {
  take(1300, "audit(1.500:7): syscall=59 uid=1000");
  take(1300, "audit(1.500:8): syscall=2 uid=1000");
  take(1309, "audit(1.500:7): argc=1 a0=\"id\"");
  take(1320, "audit(1.500:7): ");
  EXPECT_TRUE(taken_.events.empty());
  EXPECT_TRUE(records_.holds_back());
  records_.idle(20, 0, taken_);
  ASSERT_EQ(taken_.events.size(), 1U);
  EXPECT_EQ(taken_.events[0],
            "type=SYSCALL msg=audit(1.500:7): syscall=59 uid=1000\x1DUID=\"somebody\"\n"
            "type=EXECVE msg=audit(1.500:7): argc=1 a0=\"id\"\n"
            "type=EOE msg=audit(1.500:7): \n");
  EXPECT_EQ(taken_.times[0], 1500);
  records_.idle(2000, 0, taken_);
  EXPECT_EQ(taken_.events.size(), 2U);
  EXPECT_FALSE(records_.holds_back());
}

TEST_F(AuditRecordsTest, WhatIsNoRecordIsALossAndTheNextIsRead) {
  take(1300, "audit(x): ");
  records_.take("short", false, 0, taken_);
  take(2, "the kernel's answer is none");
  take(1112, "audit(1.500:7): pid=1");
  EXPECT_EQ(taken_.losses.size(), 2U);
  EXPECT_EQ(taken_.losses[0].reason, LossReason::unreadable);
  EXPECT_EQ(taken_.events, std::vector<std::string>{"type=USER_LOGIN msg=audit(1.500:7): pid=1\n"});
}

TEST_F(AuditRecordsTest, AttemptsThatSayNothingAreLeftOut) {
  take(1300, "audit(1.500:7): syscall=257 exit=-2 key=\"sightline-absent\"");
  take(1302, "audit(1.500:7): item=0 name=\"/etc/ld.so.preload\"");
  take(1300, "audit(1.500:8): syscall=257 exit=-2 key=\"sightline-absent\"");
  take(1302, "audit(1.500:8): item=0 name=\"/root/.aws/credentials\"");
  records_.finish(0, taken_);
  ASSERT_EQ(taken_.events.size(), 1U);
  EXPECT_NE(taken_.events[0].find(".aws"), std::string::npos);
  EXPECT_TRUE(taken_.losses.empty());
}

TEST_F(AuditRecordsTest, WhatIsStillOpenWasNotHandedOn) {
  EXPECT_EQ(records_.handed_on(), std::nullopt);
  take(1300, "audit(1.500:7): syscall=59");
  take(1300, "audit(1.500:9): syscall=59");
  take(1112, "audit(1.500:11): pid=1");
  EXPECT_EQ(records_.handed_on(), (SerialState{11, {{7, 7}, {8, 8}, {9, 9}, {10, 10}}}));
  records_.finish(0, taken_);
  EXPECT_EQ(taken_.events.size(), 3U);
  EXPECT_EQ(records_.handed_on(), (SerialState{11, {{8, 8}, {10, 10}}}));
}

}  // namespace
}  // namespace sightline::agent
