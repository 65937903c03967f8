#include "agent/collect/file_source.h"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "testing/manual_clock.h"
#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

class Taken final : public Collected {
 public:
  void event(std::string_view bytes, std::int64_t) override { text += bytes; }
  void lost(Loss loss) override { losses.push_back(std::move(loss)); }

  std::string text;
  std::vector<Loss> losses;
};

class FileSourceTest : public ::testing::Test {
 protected:
  void append(std::string_view text) { std::ofstream(file_, std::ios::app) << text; }
  FileSource source(std::string cursor = "", bool from_beginning = false) {
    return FileSource({.name = "logins",
                       .format = "syslog",
                       .file = file_,
                       .cursor = std::move(cursor),
                       .from_beginning = from_beginning,
                       .linger_ms = linger_ms_},
                      clock_);
  }
  // Everything there is now.
  static std::string read(FileSource& source, Taken& taken) {
    for (;;) {
      const auto progress = source.collect(taken);
      EXPECT_TRUE(progress) << progress.error().message;
      if (!progress || !progress->more) return std::exchange(taken.text, "");
    }
  }
  std::string read(FileSource& source) { return read(source, taken_); }

  testing::ManualClock clock_;
  std::int64_t linger_ms_ = 0;
  testing::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "auth.log";
  Taken taken_;
};

TEST_F(FileSourceTest, ReadsWhatIsAddedFromNowOn) {
  append("old\n");
  FileSource source = this->source();
  EXPECT_EQ(read(source), "");
  append("one\ntw");
  EXPECT_EQ(read(source), "one\n");
  append("o\n");
  EXPECT_EQ(read(source), "two\n");
  EXPECT_TRUE(taken_.losses.empty());
}

TEST_F(FileSourceTest, AFileThatComesLaterIsReadWhole) {
  FileSource source = this->source();
  EXPECT_EQ(read(source), "");
  append("one\n");
  EXPECT_EQ(read(source), "one\n");
}

TEST_F(FileSourceTest, GoesOnWhereTheCursorStands) {
  append("one\ntwo\nthr");
  FileSource first = source("", true);
  EXPECT_EQ(read(first), "one\ntwo\n");
  append("ee\nfour\n");
  FileSource second = source(first.cursor());
  EXPECT_EQ(read(second), "three\nfour\n");
}

TEST_F(FileSourceTest, ReadsAReplacedFileToItsEnd) {
  append("one\n");
  FileSource source = this->source("", true);
  EXPECT_EQ(read(source), "one\n");
  append("two\nlast without an end");
  std::filesystem::rename(file_, directory_.path() / "auth.log.1");
  append("new\n");
  EXPECT_EQ(read(source), "two\nlast without an end\nnew\n");
  EXPECT_TRUE(taken_.losses.empty());
}

TEST_F(FileSourceTest, AReplacedFileIsReadUntilItIsQuiet) {
  linger_ms_ = 5000;
  append("one\n");
  FileSource source = this->source("", true);
  EXPECT_EQ(read(source), "one\n");
  const std::filesystem::path old = directory_.path() / "auth.log.1";
  std::filesystem::rename(file_, old);
  append("new\n");
  EXPECT_EQ(read(source), "");
  std::ofstream(old, std::ios::app) << "late\n";  // by a program that was not told yet
  clock_.advance(4999);
  EXPECT_EQ(read(source), "late\n");
  EXPECT_EQ(read(source), "");
  clock_.advance(5000);
  EXPECT_EQ(read(source), "new\n");
  EXPECT_TRUE(taken_.losses.empty());
}

TEST_F(FileSourceTest, AReplacedFileThatIsNeverQuietIsLetGo) {
  linger_ms_ = 5000;
  append("one\n");
  FileSource source = this->source("", true);
  EXPECT_EQ(read(source), "one\n");
  const std::filesystem::path old = directory_.path() / "auth.log.1";
  std::filesystem::rename(file_, old);
  append("new\n");
  std::string all;
  for (int i = 0; i < 20; ++i) {
    std::ofstream(old, std::ios::app) << "late\n";
    clock_.advance(4000);
    all += read(source);
  }
  EXPECT_TRUE(all.ends_with("new\n")) << all;
}

TEST_F(FileSourceTest, AFileThatWasReplacedTwiceIsALoss) {
  linger_ms_ = 5000;
  append("one\n");
  FileSource source = this->source("", true);
  EXPECT_EQ(read(source), "one\n");
  std::filesystem::rename(file_, directory_.path() / "auth.log.2");
  append("between\n");
  EXPECT_EQ(read(source), "");
  std::filesystem::rename(file_, directory_.path() / "auth.log.1");
  append("new\n");
  EXPECT_EQ(read(source), "");
  clock_.advance(5000);
  EXPECT_EQ(read(source), "new\n");
  ASSERT_EQ(taken_.losses.size(), 1U);
  EXPECT_EQ(taken_.losses[0].reason, LossReason::file_gone);
}

TEST_F(FileSourceTest, AFileThatWasNotThereIsNoLoss) {
  FileSource first = source();
  EXPECT_EQ(read(first), "");
  append("one\n");
  FileSource second = source(first.cursor());
  EXPECT_EQ(read(second), "one\n");
  EXPECT_TRUE(taken_.losses.empty());
}

TEST_F(FileSourceTest, ACursorStandsAtTheBeginningOfALine) {
  append("one\nhal");
  FileSource first = source();
  EXPECT_EQ(read(first), "");
  append("f\n");
  FileSource second = source(first.cursor());
  EXPECT_EQ(read(second), "half\n");
  append(std::string(2 * FileSource::kMaxLineBytes, 'x'));
  EXPECT_EQ(read(second), "");
  append("\ntwo\n");
  FileSource third = source(second.cursor());
  EXPECT_EQ(read(third), "two\n");
  for (const Loss& loss : taken_.losses) EXPECT_EQ(loss.reason, LossReason::unreadable);
}

TEST_F(FileSourceTest, TheCursorOfAReplacedFileIsItsEnd) {
  append("one\nlast without an end");
  FileSource first = source("", true);
  EXPECT_EQ(read(first), "one\n");
  std::filesystem::rename(file_, directory_.path() / "auth.log.1");
  EXPECT_EQ(read(first), "");  // nothing stands there yet
  append("");
  EXPECT_EQ(read(first), "last without an end\n");
  std::filesystem::remove(file_);
  FileSource second = source(first.cursor());
  append("new\n");
  EXPECT_EQ(read(second).find("one"), std::string::npos);
}

TEST_F(FileSourceTest, SaysWhereAFileWasCutAndGrewAgainMeanwhile) {
  append("one\n");
  FileSource first = source("", true);
  EXPECT_EQ(read(first), "one\n");
  std::filesystem::resize_file(file_, 0);
  append("all new and longer\n");
  FileSource second = source(first.cursor());
  EXPECT_EQ(read(second), "all new and longer\n");
  ASSERT_EQ(taken_.losses.size(), 1U);
  EXPECT_EQ(taken_.losses[0].reason, LossReason::file_gone);
}

TEST_F(FileSourceTest, FindsWhatWasMovedAwayMeanwhile) {
  append("one\n");
  FileSource first = source("", true);
  EXPECT_EQ(read(first), "one\n");
  append("two\n");
  std::filesystem::rename(file_, directory_.path() / "auth.log.1");
  append("three\n");
  FileSource second = source(first.cursor());
  EXPECT_EQ(read(second), "two\nthree\n");
  EXPECT_TRUE(taken_.losses.empty());
}

TEST_F(FileSourceTest, SaysWhereAFileIsGone) {
  append("one\n");
  FileSource first = source("", true);
  EXPECT_EQ(read(first), "one\n");
  // Written while the old one still exists, so that it is another inode.
  std::ofstream(directory_.path() / "other") << "all new\n";
  std::filesystem::rename(directory_.path() / "other", file_);
  FileSource second = source(first.cursor());
  EXPECT_EQ(read(second), "all new\n");
  ASSERT_EQ(taken_.losses.size(), 1U);
  EXPECT_EQ(taken_.losses[0].reason, LossReason::file_gone);
}

TEST_F(FileSourceTest, SaysWhereAFileWasCut) {
  append("one\ntwo\n");
  FileSource source = this->source("", true);
  EXPECT_EQ(read(source), "one\ntwo\n");
  std::filesystem::resize_file(file_, 0);
  append("new\n");
  EXPECT_EQ(read(source), "new\n");
  ASSERT_EQ(taken_.losses.size(), 1U);
  EXPECT_EQ(taken_.losses[0].reason, LossReason::file_gone);
}

TEST_F(FileSourceTest, ALineThatIsTooLongIsLostAndTheNextIsRead) {
  append("one\n" + std::string(3 * FileSource::kMaxLineBytes, 'x') + "\ntwo\n");
  FileSource first = source("", true);
  EXPECT_EQ(read(first), "one\ntwo\n");
  ASSERT_EQ(taken_.losses.size(), 1U);
  EXPECT_EQ(taken_.losses[0].reason, LossReason::unreadable);
  EXPECT_EQ(taken_.losses[0].count, 1U);
  append("three\n");
  FileSource second = source(first.cursor());
  EXPECT_EQ(read(second), "three\n");
}

TEST_F(FileSourceTest, AFolderIsAnErrorThatCanPass) {
  std::filesystem::create_directory(file_);
  FileSource source = this->source("", true);
  const auto progress = source.collect(taken_);
  ASSERT_FALSE(progress);
  EXPECT_EQ(progress.error().code, ErrorCode::unavailable);
  std::filesystem::remove(file_);
  append("one\n");
  EXPECT_EQ(read(source), "one\n");
}

}  // namespace
}  // namespace sightline::agent
