#include "agent/kernel_audit/id_names.h"

#include <gtest/gtest.h>

namespace sightline::agent {
namespace {

class IdNamesTest : public ::testing::Test {
 protected:
  std::string named(std::string line, std::int64_t now_ms = 0) {
    names_.append_names(line, 0, now_ms);
    return line;
  }

  int asked_ = 0;
  std::string name_of_1000_ = "ubuntu";
  IdNames names_{[this](IdNames::Kind kind, std::uint32_t id) -> std::optional<std::string> {
    ++asked_;
    if (id == 0) return "root";
    if (id == 1000) return kind == IdNames::Kind::user ? name_of_1000_ : "users";
    if (id == 1001) return "two\" UID=\"root";
    return std::nullopt;
  }};
};

TEST_F(IdNamesTest, StandBehindTheRecord) {
  EXPECT_EQ(named("auid=1000 uid=0 gid=1000 euid=0 exe=\"/bin/id\""),
            "auid=1000 uid=0 gid=1000 euid=0 exe=\"/bin/id\"\x1D"
            "AUID=\"ubuntu\" UID=\"root\" GID=\"users\" EUID=\"root\"");
}

TEST_F(IdNamesTest, UnsetAndUnknownIdsAreSaidToBe) {
  EXPECT_EQ(named("auid=4294967295 uid=7 id=-1"),
            "auid=4294967295 uid=7 id=-1\x1D"
            "AUID=\"unset\" UID=\"unknown(7)\" ID=\"unset\"");
}

TEST_F(IdNamesTest, ARecordWithoutIdsStaysAsItIs) {
  EXPECT_EQ(named("item=0 name=\"/etc\""), "item=0 name=\"/etc\"");
  EXPECT_EQ(named("uid=abc ppid=4"), "uid=abc ppid=4");
}

TEST_F(IdNamesTest, ANameThatWouldLeaveItsQuotesIsNone) {
  EXPECT_EQ(named("uid=1001"), "uid=1001\x1DUID=\"unknown(1001)\"");
}

TEST_F(IdNamesTest, TheFirstOfAKeyCounts) {
  EXPECT_EQ(named("pid=1 uid=1000 msg='op=login uid=0 id=0'"),
            "pid=1 uid=1000 msg='op=login uid=0 id=0'\x1D"
            "UID=\"ubuntu\" ID=\"root\"");
}

TEST_F(IdNamesTest, AreAskedForOnceAMinute) {
  named("uid=1000", 1000);
  named("uid=1000", 1000 + IdNames::kRememberedMs - 1);
  EXPECT_EQ(asked_, 1);
  name_of_1000_ = "renamed";
  EXPECT_EQ(named("uid=1000", 1000 + IdNames::kRememberedMs), "uid=1000\x1DUID=\"renamed\"");
  // A clock that was set back must not keep a name for ever.
  name_of_1000_ = "again";
  EXPECT_EQ(named("uid=1000", -1'000'000), "uid=1000\x1DUID=\"again\"");
}

TEST(IdNamesOfTheSystem, KnowRoot) {
  IdNames names;
  std::string line = "uid=0 gid=0";
  names.append_names(line, 0, 0);
  EXPECT_EQ(line, "uid=0 gid=0\x1DUID=\"root\" GID=\"root\"");
}

}  // namespace
}  // namespace sightline::agent
