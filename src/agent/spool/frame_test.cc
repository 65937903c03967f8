#include "agent/spool/frame.h"

#include <gtest/gtest.h>

namespace sightline::agent {
namespace {

const Batch kBatch{"audit", "auditd", 7, -1, 1'800'000'000'000, "cursor", "body"};
const FrameSeal kSeal{{1, 2, 3}, 4};

TEST(Frame, SaysWhatItHolds) {
  const std::string start = frame_start(kBatch, 9, kSeal);
  const auto head = parse_head(start, kSeal);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->sequence, 9U);
  EXPECT_EQ(head->body_offset(), start.size());
  EXPECT_EQ(head->frame_bytes(), frame_bytes(kBatch));
  auto batch = parse_names(*head, std::string_view(start).substr(kHeadBytes), kSeal);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(is_body_intact(*head, kBatch.body, kSeal));
  batch->body = kBatch.body;
  EXPECT_EQ(*batch, kBatch);
  EXPECT_EQ(parse_trailer(frame_trailer(9, kSeal), kSeal), 9U);
}

TEST(Frame, IsNoneOfAnotherKeyOrSegment) {
  const std::string start = frame_start(kBatch, 9, kSeal);
  const std::string trailer = frame_trailer(9, kSeal);
  for (const FrameSeal& other : {FrameSeal{{1, 2, 4}, 4}, FrameSeal{{1, 2, 3}, 5}}) {
    EXPECT_FALSE(parse_head(start, other));
    EXPECT_FALSE(parse_trailer(trailer, other));
  }
}

TEST(Frame, ShowsEveryChangedBit) {
  const std::string start = frame_start(kBatch, 9, kSeal) + kBatch.body + frame_trailer(9, kSeal);
  const auto head = parse_head(start, kSeal);
  ASSERT_TRUE(head);
  for (std::size_t bit = 0; bit < start.size() * 8; ++bit) {
    std::string changed = start;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const std::string_view bytes = changed;
    const bool whole = parse_head(bytes, kSeal) &&
                       parse_names(*head, bytes.substr(kHeadBytes, head->names_bytes()), kSeal) &&
                       is_body_intact(*head, bytes.substr(head->body_offset(), head->body_size), kSeal) &&
                       parse_trailer(bytes.substr(bytes.size() - kTrailerBytes), kSeal) == 9U;
    EXPECT_FALSE(whole) << "bit " << bit;
  }
}

}  // namespace
}  // namespace sightline::agent
