#include "control/rule_table.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include "control/control_store.h"
#include "testing/temporary_directory.h"

namespace sightline::control {
namespace {

class RuleTableTest : public ::testing::Test {
 protected:
  void open() {
    store_.reset();
    store_ = std::move(*ControlStore::open(directory_.path()));
  }
  void SetUp() override { open(); }

  RuleTable& table() { return store_->rules(); }
  std::uint64_t put(std::string_view id, std::string_view text) {
    return table().put(id, text, "f" + std::string(text), {"token:1", ++now_ms_}, "rule.put", "").value().version;
  }
  // "id@version text" of the rules that are there.
  std::vector<std::string> current() {
    std::vector<std::string> found;
    const auto rules = table().current();
    for (const RuleVersion& each : *rules) {
      found.push_back(each.rule_id + "@" + std::to_string(each.version) + " " + each.text.value_or("none"));
    }
    return found;
  }
  std::vector<std::uint64_t> versions(std::string_view id, std::optional<std::uint64_t> before = {},
                                      std::uint32_t limit = 100) {
    std::vector<std::uint64_t> numbers;
    const auto found = table().versions(id, before, limit);
    for (const RuleVersion& each : *found) numbers.push_back(each.version);
    return numbers;
  }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<ControlStore> store_;
  std::int64_t now_ms_ = 0;
};

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(RuleTableTest, KeepsEveryVersionOverRemovalAndRestart) {
  EXPECT_EQ(put("a", "one"), 1U);
  EXPECT_EQ(put("b", "other"), 1U);
  EXPECT_EQ(put("a", "two"), 2U);
  EXPECT_THAT(current(), ElementsAre("a@2 two", "b@1 other"));
  ASSERT_TRUE(table().remove("a", {"token:2", 9}));
  EXPECT_EQ(table().remove("a", {"token:2", 9}).error().code, ErrorCode::not_found);
  open();
  EXPECT_THAT(current(), ElementsAre("b@1 other"));
  EXPECT_EQ(put("a", "three"), 4U);
  EXPECT_THAT(versions("a"), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(versions("a", 3, 1), ElementsAre(2));
  EXPECT_EQ(table().version("a", 1)->text, "one");
  EXPECT_EQ(table().version("a", 1)->fingerprint, "fone");
  EXPECT_EQ(table().version("a", 3)->text, std::nullopt);
  EXPECT_EQ(table().version("a", 3)->principal, "token:2");
  EXPECT_EQ(table().version("a", 5).error().code, ErrorCode::not_found);
}

TEST_F(RuleTableTest, TheAuditLogHasEveryChange) {
  put("a", "one");
  ASSERT_TRUE(table().set_enabled("a", false, {"token:3", 7}));
  ASSERT_TRUE(table().set_enabled("a", true, {"token:3", 8}));
  ASSERT_TRUE(table().remove("a", {"token:2", 9}));
  std::vector<std::string> actions;
  const auto entries = store_->audit_log().list(std::nullopt, 10);
  for (const AuditEntry& entry : *entries) {
    EXPECT_EQ(entry.subject, "a");
    actions.push_back(entry.action);
  }
  EXPECT_THAT(actions, ElementsAre("rule.delete", "rule.enable", "rule.disable", "rule.put"));
  EXPECT_THAT(store_->audit_log().list(2, 1)->front().detail, HasSubstr("version 1; fone"));
}

TEST_F(RuleTableTest, WhatIsSwitchedOffStaysSoUntilTheRuleGoes) {
  put("a", "one");
  ASSERT_TRUE(table().set_enabled("a", false, {"token:1", 1}));
  ASSERT_TRUE(table().set_enabled("of-a-file", false, {"token:1", 1}));
  open();
  EXPECT_THAT(table().disabled().value(), ElementsAre("a", "of-a-file"));
  ASSERT_TRUE(table().remove("a", {"token:1", 2}));
  ASSERT_TRUE(table().set_enabled("of-a-file", true, {"token:1", 2}));
  EXPECT_TRUE(table().disabled()->empty());
}

TEST_F(RuleTableTest, OldVersionsMakeWay) {
  for (std::uint64_t i = 0; i < kMaxVersionsOfARule + 5; ++i) put("a", std::to_string(i));
  const auto numbers = versions("a");
  EXPECT_EQ(numbers.size(), kMaxVersionsOfARule);
  EXPECT_EQ(numbers.front(), kMaxVersionsOfARule + 5);
  EXPECT_EQ(numbers.back(), 6U);
}

TEST_F(RuleTableTest, TheNumberOfRulesIsBounded) {
  SQLite::Database((directory_.path() / "control.db").string(), SQLite::OPEN_READWRITE)
      .exec("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
            std::to_string(kMaxKeptRules) +
            ") INSERT INTO rule_versions SELECT 'r' || i, 1, 0, 'token:1', 't', '', 1, 1 FROM n");
  const auto refused = table().put("one-more", "x", "", {"token:1", 1}, "rule.put", "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_EQ(put("r7", "another text"), 2U);
  ASSERT_TRUE(table().remove("r7", {"token:1", 1}));
  EXPECT_EQ(put("one-more", "x"), 1U);
}

TEST_F(RuleTableTest, AllTextsTogetherAreBounded) {
  put("a", "one");
  SQLite::Database((directory_.path() / "control.db").string(), SQLite::OPEN_READWRITE)
      .exec("UPDATE rule_versions SET size_bytes = " + std::to_string(kMaxRuleTextsBytes));
  const auto refused = table().put("b", "x", "", {"token:1", 1}, "rule.put", "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::too_large);
  EXPECT_EQ(table().current()->size(), 1U);
}

}  // namespace
}  // namespace sightline::control
