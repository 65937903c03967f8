#include "agent/audit_rules/rule_state.h"

#include <gtest/gtest.h>
#include <libaudit.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

RuleState some_state() {
  RuleState state;
  state.boot_id = "0b1c";
  state.ours = {sha256("a"), sha256("b")};
  state.settings = {{AuditSetting::backlog_limit, 64, 8192}, {AuditSetting::enabled, 0, 1}};
  return state;
}

TEST(RuleState, IsReadAsWritten) {
  const testing::TemporaryDirectory directory;
  const auto file = directory.path() / "state";
  EXPECT_FALSE(read_rule_state(file)->has_value());
  ASSERT_TRUE(write_rule_state(file, some_state()));
  const auto state = read_rule_state(file);
  ASSERT_TRUE(state && *state);
  EXPECT_EQ((*state)->boot_id, "0b1c");
  EXPECT_EQ((*state)->ours, some_state().ours);
  ASSERT_EQ((*state)->settings.size(), 2U);
  EXPECT_EQ((*state)->settings[0].setting, AuditSetting::backlog_limit);
  EXPECT_EQ((*state)->settings[0].found, 64U);
  EXPECT_EQ((*state)->settings[0].set, 8192U);
  struct stat about{};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  ASSERT_TRUE(remove_rule_state(file));
  ASSERT_TRUE(remove_rule_state(file));
  EXPECT_FALSE(read_rule_state(file)->has_value());
}

TEST(RuleState, AnyDamageIsSeen) {
  const testing::TemporaryDirectory directory;
  const auto file = directory.path() / "state";
  ASSERT_TRUE(write_rule_state(file, some_state()));
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    std::ofstream(file) << damaged;
    const auto state = read_rule_state(file);
    ASSERT_FALSE(state) << "byte " << i;
    EXPECT_EQ(state.error().code, ErrorCode::corrupt);
    std::ofstream(file) << text.substr(0, i);
    EXPECT_FALSE(read_rule_state(file)) << "cut after " << i;
  }
}

TEST(RuleState, ThisBootHasAName) { EXPECT_EQ(current_boot_id()->size(), 36U); }

Result<PackedRule> packed(const audit_rule_data& data, std::size_t text_bytes) {
  std::string bytes(sizeof data + text_bytes, 'x');
  std::memcpy(bytes.data(), &data, sizeof data);
  return PackedRule::from_bytes(bytes);
}

TEST(PackedRule, RefusesSizesThatContradictEachOther) {
  audit_rule_data data{};
  EXPECT_TRUE(packed(data, 0));
  EXPECT_FALSE(PackedRule::from_bytes(std::string(sizeof data - 1, '\0')));
  data.field_count = AUDIT_MAX_FIELDS + 1;
  EXPECT_FALSE(packed(data, 0));
  data.field_count = 1;
  data.fields[0] = AUDIT_FILTERKEY;
  data.values[0] = 4;
  EXPECT_FALSE(packed(data, 4));  // buflen says 0
  data.buflen = 4;
  EXPECT_FALSE(packed(data, 3));
  ASSERT_TRUE(packed(data, 4));
  EXPECT_EQ(packed(data, 4)->keys(), std::vector<std::string>{"xxxx"});
  data.values[0] = UINT32_MAX;
  EXPECT_FALSE(packed(data, 4));
}

}  // namespace
}  // namespace sightline::agent
