#include "sources/audit/execve.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

namespace sightline::audit {
namespace {

class ArgumentListTest : public ::testing::Test {
 protected:
  void add(std::string_view body) {
    std::vector<Field>& fields = records_.emplace_back();
    parse_body(lines_.emplace_back(body), fields);
    list_.add(fields.data(), fields.data() + fields.size(), rest_);
  }
  std::string join() {
    std::string out;
    for (const std::string_view argument : list_.join(arena_)) out += "[" + std::string(argument) + "]";
    return out + (list_.incomplete() ? " incomplete" : "");
  }

  Arena arena_;
  ArgumentList list_;
  std::deque<std::string> lines_;
  std::deque<std::vector<Field>> records_;
  std::vector<Field> rest_;
};

TEST_F(ArgumentListTest, OneRecord) {
  add("argc=4 a0=\"sh\" a1=\"-c\" a2=6C73202F a3=\"\"");
  EXPECT_EQ(join(), "[sh][-c][ls /][]");
  EXPECT_TRUE(rest_.empty());
}

TEST_F(ArgumentListTest, SeveralRecordsInAnyOrder) {
  add("a2=\"c\" a3=\"d\"");
  add("argc=4 a0=\"a\" a1=\"b\"");
  EXPECT_EQ(join(), "[a][b][c][d]");
}

TEST_F(ArgumentListTest, OneLongArgumentInParts) {
  add("argc=3 a0=\"echo\" a1_len=12 a1[0]=616263");
  add(" a1[1]=646566");
  add("a2=\"end\"");
  EXPECT_EQ(join(), "[echo][abcdef][end]");
}

TEST_F(ArgumentListTest, LengthThatTheKernelDoubled) {
  std::string digits;
  for (int i = 0; i < 8000; ++i) digits += "61";
  add("argc=1 a0_len=64000 a0[0]=" + digits);
  add("a0[1]=" + digits);
  EXPECT_EQ(join(), "[" + std::string(16000, 'a') + "]");
}

TEST_F(ArgumentListTest, HundredsOfArguments) {
  std::string body = "argc=700";
  for (int i = 0; i < 700; ++i) body += " a" + std::to_string(i) + "=\"x" + std::to_string(i) + "\"";
  add(body);
  const std::string joined = join();
  EXPECT_TRUE(joined.starts_with("[x0][x1]"));
  EXPECT_TRUE(joined.ends_with("[x698][x699]"));
}

TEST_F(ArgumentListTest, MissingParts) {
  add("argc=3 a0=\"a\" a2=\"c\"");
  EXPECT_EQ(join(), "[a][c] incomplete");
}

TEST_F(ArgumentListTest, MissingPieceOfALongArgument) {
  add("argc=1 a0_len=12 a0[0]=616263");
  EXPECT_EQ(join(), "[abc] incomplete");
}

TEST_F(ArgumentListTest, MissingEndAndCount) {
  add("a0=\"a\"");
  EXPECT_EQ(join(), "[a] incomplete");
}

TEST_F(ArgumentListTest, OtherKeysAreHandedBack) {
  add("argc=1 a0=\"a\" auid=5 a=1 a0x=2 a99999999999999999999999=3");
  EXPECT_EQ(join(), "[a]");
  EXPECT_EQ(rest_.size(), 4u);
}

}  // namespace
}  // namespace sightline::audit
