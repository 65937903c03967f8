#include "cli/input/input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <sstream>

#include "testing/temporary_directory.h"

namespace sightline::cli {
namespace {

std::string read_all(Input& input) {
  std::string all;
  for (;;) {
    const Result<Input::Piece> piece = input.read();
    if (!piece) return all + "!" + piece.error().message;
    if (piece->state == Input::State::end) return all;
    all += piece->bytes;
  }
}

class InputTest : public ::testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view bytes) {
    const std::string path = (directory_.path() / name).string();
    const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    EXPECT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::close(fd);
    return path;
  }

  std::string write_gzip(const std::string& name, std::string_view bytes) {
    std::string path = (directory_.path() / name).string();
    gzFile file = gzopen(path.c_str(), "wb");
    EXPECT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())), static_cast<int>(bytes.size()));
    gzclose(file);
    return path;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(InputTest, ReadsFilesOfAnySize) {
  for (const std::size_t size : {0UL, 1UL, 3UL, 4UL, 70'000UL, 1'000'000UL}) {
    const std::string bytes(size, 'x');
    Result<Input> input = Input::open(write("plain", bytes), -1);
    ASSERT_TRUE(input);
    EXPECT_EQ(input->size_bytes(), size);
    EXPECT_EQ(read_all(*input), bytes);
    EXPECT_EQ(input->read_bytes(), size);
  }
}

TEST_F(InputTest, UnpacksGzip) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += std::to_string(i) + "\n";
  Result<Input> input = Input::open(write_gzip("numbers.gz", bytes), -1);
  ASSERT_TRUE(input);
  EXPECT_EQ(read_all(*input), bytes);
}

TEST_F(InputTest, HandsOutWhatCameBeforeDamage) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += std::to_string(i * 7919) + "\n";
  const std::string path = write_gzip("cut.gz", bytes);
  const auto size = static_cast<off_t>(std::filesystem::file_size(path));
  ASSERT_EQ(::truncate(path.c_str(), size / 2), 0);
  Result<Input> input = Input::open(path, -1);
  const std::string read = read_all(*input);
  const std::size_t mark = read.find('!');
  ASSERT_NE(mark, std::string::npos);
  EXPECT_GT(mark, 0U);
  EXPECT_TRUE(bytes.starts_with(read.substr(0, mark)));
  EXPECT_NE(read.find(path, mark), std::string::npos) << read.substr(mark);
}

TEST_F(InputTest, SaysWhatCannotBeOpened) {
  EXPECT_EQ(Input::open((directory_.path() / "none").string(), -1).error().code, ErrorCode::unavailable);
  EXPECT_NE(Input::open(directory_.path().string(), -1).error().message.find("is a folder"), std::string::npos);
}

TEST_F(InputTest, StandardInputThatPausesIsIdleNotOver) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Result<Input> input = Input::open("-", ends[0]);
  ASSERT_EQ(::write(ends[1], "first\n", 6), 6);
  EXPECT_EQ(input->read(0)->bytes, "first\n");
  EXPECT_EQ(input->read(0)->state, Input::State::idle);
  ASSERT_EQ(::write(ends[1], "second\n", 7), 7);
  EXPECT_EQ(input->read(0)->bytes, "second\n");
  ::close(ends[1]);
  EXPECT_EQ(input->read(0)->state, Input::State::end);
  EXPECT_EQ(input->read(0)->state, Input::State::end);
  ::close(ends[0]);
}

TEST_F(InputTest, IsAStreamToo) {
  InputStream stream(std::move(*Input::open(write_gzip("lines.gz", "one\ntwo\n"), -1)));
  std::ostringstream all;
  all << stream.rdbuf();
  EXPECT_EQ(all.str(), "one\ntwo\n");
  EXPECT_FALSE(stream.error());
}

TEST_F(InputTest, StreamThatBreaksIsBad) {
  const std::string path = write_gzip("cut.gz", std::string(100'000, 'x'));
  ASSERT_EQ(::truncate(path.c_str(), 30), 0);
  InputStream stream(std::move(*Input::open(path, -1)));
  std::string line;
  while (std::getline(stream, line)) {
  }
  EXPECT_TRUE(stream.bad());
  ASSERT_TRUE(stream.error());
}

}  // namespace
}  // namespace sightline::cli
