// The user's files of placeholders and mappings, from disk to rules.
#include <gmock/gmock.h>

#include <fstream>

#include "detect/compiled_rules.h"
#include "detect/rule_loader.h"
#include "detect/sigma/placeholders.h"

namespace sightline::detect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

class SigmaFiles : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "placeholders"); }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const fs::path& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }

  // A rule that asks whether a user is one of %Admins%, loaded with what `options` names.
  std::shared_ptr<const RuleSet> load(const LoadOptions& options) const {
    const fs::path rule = write("rule.yml",
                                "title: T\nid: r\nlogsource: {product: linux, service: sshd}\n"
                                "detection: {s: {user|expand: '%Admins%'}, condition: s}\n");
    const auto rules = load_rule_files(std::span(&rule, 1), options);
    EXPECT_TRUE(rules.has_value()) << rules.error().message;
    return rules.value_or(std::make_shared<const RuleSet>());
  }

  static bool fires_for(const RuleSet& rules, std::string_view user) {
    EventBatch batch;
    Event& event = batch.add();
    event.add_text(FieldId::event_type, "login");
    event.add_text(FieldId::program, "sshd");
    event.add_text(FieldId::user, user);
    return rules.compiled().compiled.at(0).fires(event);
  }

  const fs::path folder_ =
      fs::path(::testing::TempDir()) /
      ("sightline-sigma-" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) +
       std::to_string(::testing::UnitTest::GetInstance()->random_seed()));
};

TEST_F(SigmaFiles, APlaceholderHasTheValuesOfAFile) {
  const fs::path yaml = write("names.yaml", "Admins: [root, 'adm_*']\nServers: srv-1\n");
  const fs::path text = write("placeholders/Admins.txt", "# who may\nroot\n\n  adm_*  \r\n");
  for (const fs::path& path : {yaml, text, folder_ / "placeholders"}) {
    SCOPED_TRACE(path);
    const auto rules = load({.placeholder_paths = {path}});
    ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
    EXPECT_TRUE(fires_for(*rules, "root"));
    EXPECT_TRUE(fires_for(*rules, "ADM_x"));
    EXPECT_FALSE(fires_for(*rules, "bob"));
    EXPECT_FALSE(fires_for(*rules, "%Admins%"));
  }
}

TEST_F(SigmaFiles, AreReadAgainWithTheRules) {
  const fs::path file = write("Admins.txt", "root\n");
  EXPECT_FALSE(fires_for(*load({.placeholder_paths = {file}}), "bob"));
  write("Admins.txt", "root\nbob\n");
  EXPECT_TRUE(fires_for(*load({.placeholder_paths = {file}}), "bob"));
}

TEST_F(SigmaFiles, ARuleWithoutItsPlaceholderIsRefusedWithAdvice) {
  const auto none = load({});
  ASSERT_EQ(none->problems().size(), 1U);
  EXPECT_EQ(none->problems().front().line, 4U);
  EXPECT_THAT(none->problems().front().hint, HasSubstr("--placeholders"));
  const auto other = load({.placeholder_paths = {write("Admin.txt", "root\n")}});
  ASSERT_EQ(other->problems().size(), 1U);
  EXPECT_THAT(other->problems().front().hint, HasSubstr("did you mean %Admin%?"));
}

TEST_F(SigmaFiles, MistakesInPlaceholdersAreToldWithTheirPlace) {
  struct Bad {
    std::string name;
    std::string text;
    std::size_t line;
    std::string_view message;
  };
  const std::vector<Bad> all{
      {"a.yaml", "Admins: [root]\nServers: [a, [b]]\n", 2, "a value is a list"},
      {"a.yaml", "Admins: [root, '']\n", 1, "empty"},
      {"a.yaml", "Admins: []\n", 1, "has no values"},
      {"a.yaml", "Admins:\n", 1, "has no values"},
      {"a.yaml", "Servers: [a]\n'%Admins%': [root]\n", 2, "no name of a placeholder"},
      {"a.yaml", "Admins: [root]\nAdmins: [bob]\n", 2, "stands twice"},
      {"a.yaml", "- Admins\n", 1, "the file is a list"},
      {"a.yaml", "Admins: [root\n", 2, "not valid YAML"},
      {"a.yaml", "# nothing\n", 1, "no placeholder"},
      {"Admins.txt", "root\n\xff\n", 2, "not UTF-8"},
      {"Admins.txt", "root\n" + std::string(sigma::kMaxPlaceholderBytes + 1, 'x') + "\n", 2, "longer than"},
      {"Admins.txt", "# none\n", 1, "no value"},
      {"Two words.txt", "root\n", 0, "no name of a placeholder"},
      {"Admins.txt", std::string(kMaxRuleFileBytes + 1, '#'), 0, "larger"},
  };
  for (const Bad& bad : all) {
    SCOPED_TRACE(bad.name + ": " + bad.text.substr(0, 60));
    const fs::path file = write(bad.name, bad.text);
    const auto rules = load({.placeholder_paths = {file}});
    ASSERT_EQ(rules->problems().size(), 2U);  // and that the rule lacks its placeholder
    EXPECT_EQ(rules->problems().front().file, file.string());
    EXPECT_EQ(rules->problems().front().line, bad.line);
    EXPECT_THAT(rules->problems().front().message, HasSubstr(bad.message));
    fs::remove(file);
  }
}

TEST_F(SigmaFiles, APlaceholderOfTwoFilesIsToldAndKeepsTheValuesOfTheFirst) {
  const auto rules =
      load({.placeholder_paths = {write("Admins.txt", "root\n"), write("more.yaml", "Admins: [bob]\n")}});
  ASSERT_EQ(rules->problems().size(), 1U);
  EXPECT_THAT(rules->problems().front().message, HasSubstr("in another file"));
  EXPECT_TRUE(fires_for(*rules, "root"));
  EXPECT_FALSE(fires_for(*rules, "bob"));
}

TEST_F(SigmaFiles, PlaceholdersAreBounded) {
  std::string many;
  for (std::size_t i = 0; i <= sigma::kMaxPlaceholderValues; ++i) many += "v" + std::to_string(i) + "\n";
  const auto lines = sigma::read_placeholder_lines(many);
  ASSERT_FALSE(lines.has_value());
  EXPECT_EQ(lines.error().line, sigma::kMaxPlaceholderValues + 1);
  std::string names;
  for (std::size_t i = 0; i <= sigma::kMaxPlaceholders; ++i) names += "p" + std::to_string(i) + ": x\n";
  const auto yaml = sigma::read_placeholders(names);
  ASSERT_FALSE(yaml.has_value());
  EXPECT_EQ(yaml.error().line, sigma::kMaxPlaceholders + 1);
  EXPECT_THAT(sigma::read_placeholder_lines("a\nb").value(), ElementsAre("a", "b"));
}

TEST_F(SigmaFiles, AMappingAddsLogSourcesAndChangesThem) {
  const fs::path file = write("own.yaml",
                              "logsources: [{product: linux, service: sshd}, {category: badge}]\n"
                              "events: event_type = \"login\"\nfields: {user: target_user}\n");
  const fs::path names = write("Admins.txt", "root\n");
  const auto rules = load({.placeholder_paths = {names}, .mapping_paths = {file}});
  ASSERT_TRUE(rules->problems().empty()) << to_string(rules->problems().front());
  EXPECT_THAT(rules->rules().front().filter, HasSubstr("target_user ieq \"root\""));
  const fs::path broken = write("broken.yaml", "logsources: [{product: linux, service: sshd}]\nevents: usr = 1\n");
  const auto told = load({.placeholder_paths = {names}, .mapping_paths = {broken}});
  ASSERT_EQ(told->problems().size(), 1U);
  EXPECT_EQ(told->problems().front().file, broken.string());
  EXPECT_EQ(told->problems().front().line, 2U);
  EXPECT_EQ(told->rules().size(), 1U);
}

TEST_F(SigmaFiles, APathThatIsNotThereIsAnError) {
  const fs::path rule = write("rule.yml", "");
  const auto rules = load_rule_files(std::span(&rule, 1), {.placeholder_paths = {folder_ / "absent"}});
  ASSERT_FALSE(rules.has_value());
  EXPECT_EQ(rules.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace sightline::detect
