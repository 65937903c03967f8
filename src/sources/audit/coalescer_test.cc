#include "sources/audit/coalescer.h"

#include <gtest/gtest.h>

namespace sightline::audit {
namespace {

class CoalescerTest : public ::testing::Test {
 protected:
  void add(const std::string& line) {
    const auto head = parse_head(std::string_view(line).substr(0, line.size() - 1));
    ASSERT_TRUE(head) << line;
    coalescer_.add(*head, line);
    take();
  }
  void add_record(const std::string& stamp, const std::string& type = "SYSCALL", const std::string& node = "") {
    add((node.empty() ? "" : "node=" + node + " ") + "type=" + type + " msg=audit(" + stamp + "): x=1\n");
  }
  void finish() {
    coalescer_.close_all();
    take();
  }
  // "serial:number of records", in order of closing
  std::string closed() { return std::exchange(closed_, ""); }

  Coalescer coalescer_;

 private:
  void take() {
    while (const OpenEvent* event = coalescer_.next_closed()) {
      closed_ +=
          std::to_string(event->serial) + ":" + std::to_string(event->records.size()) + (event->cut ? "! " : " ");
    }
  }
  std::string closed_;
};

TEST_F(CoalescerTest, InterleavedRecordsJoin) {
  add_record("1.000:1");
  add_record("1.000:2");
  add_record("1.000:1", "CWD");
  add_record("1.000:2", "CWD");
  EXPECT_EQ(closed(), "");
  finish();
  EXPECT_EQ(closed(), "1:2 2:2 ");
}

TEST_F(CoalescerTest, ProgramsOwnMessagesCloseAtOnce) {
  add_record("1.000:1");
  add_record("1.000:2", "USER_LOGIN");
  EXPECT_EQ(closed(), "2:1 ");
}

TEST_F(CoalescerTest, SameSerialAtAnotherTimeOrNodeIsAnotherEvent) {
  add_record("1.000:1");
  add_record("1.001:1");
  add_record("1.000:1", "SYSCALL", "a");
  add_record("1.000:1", "SYSCALL", "b");
  add_record("1.000:1", "CWD", "a");
  finish();
  EXPECT_EQ(closed(), "1:1 1:1 1:2 1:1 ");
}

TEST_F(CoalescerTest, SerialNumbersRollOver) {
  add_record("1.000:4294967295");
  add_record("1.000:0");
  add_record("1.000:4294967295", "CWD");
  add_record("1.000:0", "CWD");
  finish();
  EXPECT_EQ(closed(), "4294967295:2 0:2 ");
}

TEST_F(CoalescerTest, ALaterTimeClosesOnceOtherLinesWentBy) {
  add_record("1.000:1");
  for (std::uint64_t i = 0; i <= Coalescer::kLingerLines; ++i) add_record("3.000:2");
  EXPECT_EQ(closed(), "");
  add_record("3.001:3");
  EXPECT_EQ(closed(), "1:1 ");
}

TEST_F(CoalescerTest, AQuietHostsStragglerStillJoins) {
  add_record("1.000:1");
  add_record("900.000:2");
  add_record("1.000:1", "PATH");
  finish();
  EXPECT_EQ(closed(), "1:2 2:1 ");
}

TEST_F(CoalescerTest, AnothersClockDoesNotClose) {
  add_record("1.000:1", "SYSCALL", "a");
  for (std::uint64_t i = 0; i <= Coalescer::kLingerLines; ++i) add_record("900.000:2", "SYSCALL", "b");
  EXPECT_EQ(closed(), "");
}

TEST_F(CoalescerTest, ATimeFarAheadDoesNotSplitWhatFollows) {
  add_record("9000000000.000:1");
  for (int i = 2; i < 20; ++i) {
    add_record("5.000:" + std::to_string(i));
    add_record("5.000:" + std::to_string(i), "CWD");
  }
  finish();
  EXPECT_EQ(closed().substr(0, 12), "1:1 2:2 3:2 ");
}

TEST_F(CoalescerTest, AnEndedEventWaitsForStragglersThenCloses) {
  add_record("1.000:1");
  add_record("1.000:1", "EOE");
  add_record("1.000:1", "PATH");
  EXPECT_EQ(closed(), "");
  for (std::uint64_t i = 0; i < Coalescer::kLingerLines; ++i) add_record("1.000:2");
  EXPECT_EQ(closed(), "1:3 ");
}

TEST_F(CoalescerTest, IdleEventsClose) {
  add_record("5.000:1");
  for (std::uint64_t i = 0; i <= Coalescer::kIdleLines; ++i) add_record("4.000:2");
  EXPECT_EQ(closed(), "1:1 ");
}

TEST_F(CoalescerTest, OpenEventsAreBounded) {
  for (std::size_t i = 0; i < Coalescer::kMaxOpenEvents + 100; ++i) add_record("1.000:" + std::to_string(i));
  EXPECT_EQ(coalescer_.open_events(), Coalescer::kMaxOpenEvents);
  EXPECT_TRUE(closed().starts_with("0:1 1:1 "));
}

TEST_F(CoalescerTest, BytesAreBounded) {
  const std::string padding(std::size_t{3} * 1024 * 1024, 'x');
  for (int i = 0; i < 40; ++i) {
    add("type=EXECVE msg=audit(1.000:" + std::to_string(i) + "): a0=" + padding + "\n");
    EXPECT_LE(coalescer_.open_bytes(), Coalescer::kMaxOpenBytes);
  }
  finish();
  EXPECT_EQ(coalescer_.open_bytes(), 0u);
}

TEST_F(CoalescerTest, OneEventIsBounded) {
  const std::string padding(std::size_t{3} * 1024 * 1024, 'x');
  for (int i = 0; i < 7; ++i) add("type=EXECVE msg=audit(1.000:1): a" + std::to_string(i) + "=" + padding + "\n");
  finish();
  EXPECT_EQ(closed(), "1:5! 1:2! ");
}

}  // namespace
}  // namespace sightline::audit
