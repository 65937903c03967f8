// What a crash or a bad disk leaves: every batch that is whole comes back, and the others are told of, once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <random>
#include <set>

#include "agent/spool/frame.h"
#include "agent/spool/little_endian.h"
#include "agent/spool/segment_header.h"
#include "agent/spool/spool_fixture.h"

namespace sightline::agent {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Files = std::map<fs::path, std::string>;

// Where a frame is.
struct Place {
  fs::path file;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class SpoolDamage : public SpoolFixture {
 protected:
  // Fills the spool and notes its files.
  void fill(std::uint64_t last, std::size_t body_bytes = 100) {
    {
      const auto spool = open();
      append(*spool, 1, last, body_bytes);
      epoch_ = spool->epoch();
    }
    note();
  }
  void note() {
    files_.clear();
    for (const auto& entry : fs::directory_iterator(folder())) files_[entry.path()] = read_file(entry.path());
  }
  void restore() const {
    fs::remove_all(folder());
    fs::create_directory(folder());
    for (const auto& [file, bytes] : files_) write_bytes(file, bytes);
  }

  // Of every frame, by its sequence.
  std::map<std::uint64_t, Place> places() const {
    std::map<std::uint64_t, Place> found;
    for (const auto& [file, bytes] : files_) {
      if (file.extension() != ".segment") continue;
      const auto header = parse_segment_header(bytes);
      for (std::uint64_t at = header->size(); at < bytes.size();) {
        const auto head = parse_head(std::string_view(bytes).substr(at), {header->key, header->number});
        if (!head) {
          ADD_FAILURE() << "no frame at " << at << " of " << file;
          return found;
        }
        found[head->sequence] = {file, at, at + head->frame_bytes()};
        at += head->frame_bytes();
      }
    }
    return found;
  }
  void flip(const fs::path& file, std::uint64_t offset, int mask = 0xff) const {
    std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
    bytes.seekg(static_cast<std::streamoff>(offset));
    const int old = bytes.get();
    bytes.seekp(static_cast<std::streamoff>(offset));
    bytes.put(static_cast<char>(old ^ mask));
  }

  struct Reopened {
    std::vector<std::uint64_t> sequences;  // of what came back
    std::vector<std::uint64_t> missing;    // as it was told
    std::vector<Damage> damage;
    std::uint64_t next = 0;  // sequence
    std::uint64_t epoch = 0;
  };
  // Drains it and appends a batch.
  Reopened reopen(std::size_t body_bytes = 100) const {
    const auto spool = open();
    if (spool == nullptr) return {};
    const auto drained = drain(*spool);
    expect_whole(drained, body_bytes);
    auto damage = spool->take_damage();
    const auto next = spool->append(batch(1));
    EXPECT_TRUE(next);
    EXPECT_THAT(spool->take_damage(), IsEmpty()) << "told twice";
    return {sequences(drained), missing(damage), std::move(damage), next.value_or(0), spool->epoch()};
  }

  Files files_;
  std::uint64_t epoch_ = 0;
};

// That it ends anywhere in its last frame is what a crash leaves of a batch that was never reported.
TEST_F(SpoolDamage, ATornTailIsNone) {
  fill(4);
  const Place last = places().at(4);
  for (std::uint64_t size = last.begin; size < last.end && !HasFailure(); ++size) {
    SCOPED_TRACE(size);
    restore();
    fs::resize_file(last.file, size);
    const Reopened reopened = reopen();
    EXPECT_EQ(reopened.sequences, from_to(1, 3));
    EXPECT_THAT(reopened.damage, IsEmpty());
    EXPECT_EQ(reopened.next, 4U);
    // What was appended in its place stays.
    const auto spool = open();
    const auto drained = drain(*spool);
    ASSERT_EQ(sequences(drained), from_to(4, 4));
    EXPECT_EQ(drained[0].batch, batch(1));
    EXPECT_THAT(spool->take_damage(), IsEmpty());
  }
}

// A file that got its length, but not the last blocks.
TEST_F(SpoolDamage, ATailThatWasNeverWrittenIsNone) {
  fill(3, 3'000);
  const Place last = places().at(3);
  std::vector<std::uint64_t> zeros_from{last.begin};
  for (std::uint64_t at = last.begin / 512 * 512 + 512; at + 64 < last.end; at += 512) zeros_from.push_back(at);
  ASSERT_GE(zeros_from.size(), 6U);
  for (const std::uint64_t from : zeros_from) {
    SCOPED_TRACE(from);
    restore();
    std::string bytes = read_file(last.file);
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(), '\0');
    write_bytes(last.file, bytes);
    const Reopened reopened = reopen(3'000);
    EXPECT_EQ(reopened.sequences, from_to(1, 2));
    EXPECT_THAT(reopened.damage, IsEmpty());
    EXPECT_EQ(reopened.next, 3U);
  }
}

TEST_F(SpoolDamage, ATornFrameElsewhereIsTold) {
  segment_bytes_ = 1'000;
  fill(12);
  const auto all = places();
  const Place torn = all.at(3);
  ASSERT_NE(torn.file, all.at(12).file);
  ASSERT_NE(torn.file, all.at(5).file) << "the frame is one of the last of its segment";
  fs::resize_file(torn.file, torn.end - 1);
  const Reopened reopened = reopen();
  std::vector<std::uint64_t> expected_missing;
  for (const auto& [sequence, place] : all) {
    if (place.file == torn.file && sequence >= 3) expected_missing.push_back(sequence);
  }
  EXPECT_EQ(reopened.missing, expected_missing);
  EXPECT_EQ(reopened.sequences.size() + expected_missing.size(), 12U);
  ASSERT_EQ(reopened.damage.size(), 1U);
  EXPECT_EQ(reopened.damage[0].file, torn.file);
  EXPECT_EQ(reopened.damage[0].offset, torn.begin);
  EXPECT_EQ(reopened.next, 13U);
}

TEST_F(SpoolDamage, AnyByteCostsAtMostItsBatch) {
  segment_bytes_ = 1'200;
  fill(9);
  const auto all = places();
  std::mt19937 random(1);
  for (int round = 0; round < 500 && !HasFailure(); ++round) {
    restore();
    auto file = files_.begin();
    std::advance(file, random() % files_.size());
    if (file->second.empty() || file->first.filename() == "lock") continue;
    const std::uint64_t offset = random() % file->second.size();
    flip(file->first, offset, static_cast<int>(1 + random() % 255));
    SCOPED_TRACE(fmt::format("{} at {}", file->first.string(), offset));
    std::uint64_t hit = 0;
    for (const auto& [sequence, place] : all) {
      // The trailer is not needed for reading.
      if (place.file == file->first && offset >= place.begin && offset < place.end - kTrailerBytes) hit = sequence;
    }
    const Reopened reopened = reopen();
    auto expected = from_to(1, 9);
    std::erase(expected, hit);
    EXPECT_EQ(reopened.sequences, expected);
    EXPECT_EQ(reopened.missing, hit == 0 ? from_to(1, 0) : from_to(hit, hit));
    EXPECT_EQ(reopened.next, 10U);
    EXPECT_EQ(reopened.epoch, epoch_);
  }
}

TEST_F(SpoolDamage, ADamagedBodyIsNamedWithItsEventsAndSource) {
  fill(5);
  const Place place = places().at(4);
  flip(place.file, place.end - kTrailerBytes - 1);
  const Reopened reopened = reopen();
  ASSERT_EQ(reopened.damage.size(), 1U);
  const Damage& damage = reopened.damage[0];
  EXPECT_EQ(damage.file, place.file);
  EXPECT_EQ(damage.offset, place.begin);
  EXPECT_EQ(damage.first_sequence, 4U);
  EXPECT_EQ(damage.events, 4U);
  EXPECT_EQ(damage.source, "audit");
  EXPECT_EQ(damage.what, "a batch's body is damaged");
}

TEST_F(SpoolDamage, OfWhatWasAcknowledgedIsNotTold) {
  fill(6);
  const auto all = places();
  ASSERT_TRUE(open()->acknowledge(4));
  for (const std::uint64_t sequence : {1U, 3U, 4U}) flip(all.at(sequence).file, all.at(sequence).begin + 20);
  const Reopened reopened = reopen();
  EXPECT_EQ(reopened.sequences, from_to(5, 6));
  EXPECT_THAT(reopened.damage, IsEmpty());
}

TEST_F(SpoolDamage, WhileItIsOpenIsToldBeforeTheNextBatch) {
  fill(6);
  const auto all = places();
  const auto spool = open();
  flip(all.at(1).file, all.at(1).end - kTrailerBytes - 1);  // its body
  flip(all.at(3).file, all.at(3).begin);                    // its head
  flip(all.at(4).file, all.at(4).begin + kHeadBytes);       // its names
  EXPECT_EQ(spool->oldest()->value().sequence, 2U);
  EXPECT_THAT(missing(spool->take_damage()), ElementsAre(1));
  ASSERT_TRUE(spool->acknowledge(2));
  EXPECT_EQ(spool->oldest()->value().sequence, 5U);
  EXPECT_THAT(missing(spool->take_damage()), ElementsAre(3, 4));
  drain(*spool);
  EXPECT_EQ(spool->stats().batches, 0U);
  EXPECT_EQ(spool->stats().events, 0U);
}

TEST_F(SpoolDamage, IsToldAgainUntilABatchBehindItIsAcknowledged) {
  fill(4);
  const auto all = places();
  flip(all.at(2).file, all.at(2).begin);
  for (int i = 0; i < 2; ++i) {
    const auto spool = open();
    ASSERT_TRUE(spool->acknowledge(1));
    EXPECT_EQ(spool->oldest()->value().sequence, 3U);
    EXPECT_THAT(missing(spool->take_damage()), ElementsAre(2));
  }
  ASSERT_TRUE(open()->acknowledge(3));
  const auto spool = open();
  EXPECT_EQ(spool->oldest()->value().sequence, 4U);
  EXPECT_THAT(spool->take_damage(), IsEmpty());
}

TEST_F(SpoolDamage, AtTheEndUsesNoSequenceAgain) {
  fill(5);
  const auto all = places();
  // The heads of the last two: the trailer says how far it went.
  flip(all.at(4).file, all.at(4).begin);
  flip(all.at(5).file, all.at(5).begin);
  Reopened reopened = reopen();
  EXPECT_THAT(reopened.missing, ElementsAre(4, 5));
  EXPECT_EQ(reopened.next, 6U);
  // The trailer, too: no more than fit are left out.
  restore();
  flip(all.at(4).file, all.at(4).begin);
  flip(all.at(5).file, all.at(5).begin);
  flip(all.at(5).file, all.at(5).end - 1);
  reopened = reopen();
  EXPECT_EQ(reopened.sequences, from_to(1, 3));
  EXPECT_GT(reopened.next, 5U);
  EXPECT_LE(reopened.next, 4 + (all.at(5).end - all.at(4).begin) / kMinFrameBytes);
  EXPECT_EQ(reopened.missing, from_to(4, reopened.next - 1));
  // And before a torn one, whose head says what it was.
  restore();
  flip(all.at(4).file, all.at(4).begin);
  fs::resize_file(all.at(5).file, all.at(5).end - 1);
  reopened = reopen();
  EXPECT_THAT(reopened.missing, ElementsAre(4));
  EXPECT_EQ(reopened.next, 5U);
}

TEST_F(SpoolDamage, BytesPutInOrTakenOutCostNoOtherBatch) {
  fill(6, 400);
  const auto all = places();
  for (const bool longer : {false, true}) {
    for (const std::uint64_t sequence : {1U, 3U, 5U}) {
      for (const std::uint64_t offset : {10U, 75U, 200U}) {
        SCOPED_TRACE(fmt::format("{} at {}", sequence, offset));
        restore();
        std::string bytes = read_file(all.at(sequence).file);
        const std::uint64_t at = all.at(sequence).begin + offset;
        longer ? bytes.insert(at, 37, 'x') : bytes.erase(at, 37);
        write_bytes(all.at(sequence).file, bytes);
        const Reopened reopened = reopen(400);
        auto expected = from_to(1, 6);
        std::erase(expected, sequence);
        EXPECT_EQ(reopened.sequences, expected);
        EXPECT_THAT(reopened.missing, ElementsAre(sequence));
        EXPECT_EQ(reopened.next, 7U);
      }
    }
  }
}

// The frame behind is not where the one before says.
TEST_F(SpoolDamage, BytesPutIntoOrTakenOutOfATrailerCostNothing) {
  fill(6);
  const Place place = places().at(3);
  for (const bool longer : {false, true}) {
    restore();
    std::string bytes = read_file(place.file);
    longer ? bytes.insert(place.end - 6, 4, 'x') : bytes.erase(place.end - 6, 4);
    write_bytes(place.file, bytes);
    const Reopened reopened = reopen();
    EXPECT_EQ(reopened.sequences, from_to(1, 6));
    EXPECT_THAT(reopened.damage, IsEmpty());
    EXPECT_EQ(reopened.next, 7U);
  }
}

// The best that somebody can do who writes into bodies: whole frames of another spool, and even of this one.
TEST_F(SpoolDamage, ABodyCannotImitateFrames) {
  fill(3);
  std::string frames;
  for (const auto& [file, bytes] : files_) frames += file.extension() == ".segment" ? bytes : "";
  for (std::uint64_t segment = 0; segment < 4; ++segment) {
    const FrameSeal seal{{1, 2, 3}, segment};
    Batch forged = batch(7);
    frames += frame_start(forged, 4, seal) + forged.body + frame_trailer(4, seal);
  }
  const auto spool = open();
  ASSERT_TRUE(spool->acknowledge(3));
  Batch hostile = batch(4);
  for (int i = 0; i < 3; ++i) hostile.body += frames;
  ASSERT_EQ(*spool->append(hostile), 4U);
  ASSERT_EQ(*spool->append(batch(5)), 5U);
  const fs::path file = segments().back();
  const std::string bytes = read_file(file);
  const std::size_t head = bytes.find(kFrameMagic, bytes.find(frames) - 200);
  ASSERT_LT(head, bytes.find(frames));
  flip(file, head);
  EXPECT_EQ(spool->oldest()->value().sequence, 5U);
  EXPECT_THAT(missing(spool->take_damage()), ElementsAre(4));
}

TEST_F(SpoolDamage, WithoutItsStateABatchMayComeAgain) {
  segment_bytes_ = 1'000;
  fill(10);
  ASSERT_TRUE(open()->acknowledge(6));
  const std::uint64_t kept_from = [&] {
    note();
    return places().begin()->first;
  }();
  ASSERT_GT(kept_from, 1U);
  for (const bool damaged : {false, true}) {
    restore();
    const fs::path state = folder() / "state";
    damaged ? write_bytes(state, std::string(5'000, 'x')) : static_cast<void>(fs::remove(state));
    const Reopened reopened = reopen();
    EXPECT_EQ(reopened.sequences, from_to(kept_from, 10));
    EXPECT_THAT(reopened.missing, IsEmpty());
    EXPECT_EQ(reopened.damage.size(), damaged ? 1U : 0U);
    EXPECT_EQ(reopened.next, 11U);
    EXPECT_EQ(reopened.epoch, epoch_);
  }
}

TEST_F(SpoolDamage, OfOneStateRecordCostsAnAcknowledgementAtMost) {
  fill(10);
  {
    const auto spool = open();
    for (std::uint64_t sequence = 1; sequence <= 5; ++sequence) ASSERT_TRUE(spool->acknowledge(sequence));
  }
  note();
  std::set<std::uint64_t> first;
  for (const std::uint64_t offset : {0U, 4'096U}) {
    restore();
    flip(folder() / "state", offset + 30);
    const Reopened reopened = reopen();
    EXPECT_THAT(reopened.damage, IsEmpty());
    first.insert(reopened.sequences.at(0));
  }
  EXPECT_THAT(first, ElementsAre(5, 6));
}

TEST_F(SpoolDamage, OfAHeaderCostsNothing) {
  segment_bytes_ = 1'000;
  fill(10);
  const auto files = segments();
  ASSERT_GE(files.size(), 3U);
  // Of one; of all, where only the state has the key.
  for (const std::size_t damaged : {std::size_t{0}, files.size() - 1, files.size()}) {
    restore();
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (i == damaged || damaged == files.size()) flip(files[i], 20);
    }
    const Reopened reopened = reopen();
    EXPECT_EQ(reopened.sequences, from_to(1, 10));
    EXPECT_THAT(reopened.missing, IsEmpty());
    EXPECT_EQ(reopened.damage.size(), damaged == files.size() ? files.size() : 1U);
    EXPECT_EQ(reopened.next, 11U);
    EXPECT_EQ(reopened.epoch, epoch_);
  }
  // Of the cursors behind it, which may have another length then.
  for (const bool shorter : {false, true}) {
    restore();
    std::string bytes = read_file(files.back());
    shorter ? bytes.erase(kSegmentHeaderBytes + 1, 3) : bytes.replace(kSegmentHeaderBytes + 1, 1, "\xff");
    write_bytes(files.back(), bytes);
    const Reopened reopened = reopen();
    EXPECT_EQ(reopened.sequences, from_to(1, 10));
    EXPECT_EQ(reopened.damage.size(), 1U);
  }
}

TEST_F(SpoolDamage, WithoutAnyKeyANewEpochBegins) {
  segment_bytes_ = 1'000;
  fill(10);
  for (const auto& file : segments()) flip(file, 20);
  fs::remove(folder() / "state");
  const std::size_t files = segments().size();
  const Reopened reopened = reopen();
  EXPECT_THAT(reopened.sequences, IsEmpty());
  EXPECT_EQ(reopened.damage.size(), files + 1);
  EXPECT_NE(reopened.epoch, epoch_);
}

TEST_F(SpoolDamage, WithoutAnySegmentANewEpochBegins) {
  fill(3);
  for (const auto& file : segments()) fs::remove(file);
  const Reopened reopened = reopen();
  EXPECT_THAT(reopened.sequences, IsEmpty());
  ASSERT_EQ(reopened.damage.size(), 1U);
  EXPECT_THAT(reopened.damage[0].what, HasSubstr("a new epoch"));
  EXPECT_NE(reopened.epoch, epoch_);
}

TEST_F(SpoolDamage, AMissingSegmentIsTold) {
  segment_bytes_ = 1'000;
  fill(12);
  const auto all = places();
  const auto files = segments();
  ASSERT_GE(files.size(), 3U);
  for (const std::size_t gone : {std::size_t{0}, std::size_t{1}}) {
    restore();
    fs::remove(files[gone]);
    std::vector<std::uint64_t> lost;
    for (const auto& [sequence, place] : all) {
      if (place.file == files[gone]) lost.push_back(sequence);
    }
    const Reopened reopened = reopen();
    EXPECT_EQ(reopened.missing, lost);
    EXPECT_EQ(reopened.sequences.size(), 12 - lost.size());
    EXPECT_EQ(reopened.next, 13U);
  }
  // The newest: its sequences may have been used, and nobody knows how many there were.
  restore();
  fs::remove(files.back());
  const auto spool = open();
  const std::size_t left = drain(*spool).size();
  const auto damage = spool->take_damage();
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].first_sequence, left + 1);
  EXPECT_GT(damage[0].last_sequence, 12U);
  EXPECT_EQ(*spool->append(batch(1)), damage[0].last_sequence + 1);
}

// A frame whose sync failed, and that the disk has after all, though its sequence was used again.
TEST_F(SpoolDamage, AFrameThatWasGivenUpIsVoid) {
  fill(3);
  const Place last = places().at(3);
  fs::resize_file(last.file, last.begin);
  Batch other = batch(3);
  other.body = "another";
  ASSERT_EQ(*open()->append(other), 3U);
  write_bytes(last.file, files_.at(last.file));
  const auto spool = open();
  EXPECT_EQ(spool->stats().batches, 3U);
  const auto drained = drain(*spool);
  EXPECT_EQ(sequences(drained), from_to(1, 3));
  EXPECT_EQ(drained.back().batch, other);
  EXPECT_THAT(spool->take_damage(), IsEmpty());
}

TEST_F(SpoolDamage, AnotherSpoolsSegmentIsLeftAlone) {
  fill(2);
  const std::string foreign = files_.at(segments().front());
  fs::remove_all(folder());
  fill(3);
  const fs::path file = folder() / "00000000000000000000.segment";
  write_bytes(file, foreign);
  const Reopened reopened = reopen();
  EXPECT_EQ(reopened.sequences, from_to(1, 3));
  ASSERT_EQ(reopened.damage.size(), 1U);
  EXPECT_EQ(reopened.damage[0].file, file);
  EXPECT_EQ(read_file(file), foreign);
}

}  // namespace
}  // namespace sightline::agent
