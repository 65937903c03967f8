#include "detect/rules_doc.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "detect/rule_loader.h"

namespace sightline::detect {
namespace {

TEST(RulesDoc, AFolderIsATable) {
  const std::vector<RuleText> texts{
      {"rules/b/x.yaml",
       "id: x\ntitle: t\nseverity: 2\nfilter: pid = 1\n"
       "description: One | two. Three.\ntags: [attack.t1059.004, attack.execution, attack.tactic]\n"},
      {"rules/a/y.yaml", "id: y\ntitle: \"{{user}} ran\"\nseverity: 1\nfilter: pid = 1\n"},
      {"rules/b/a.yaml", "id: a\ntitle: t\nseverity: 3\nfilter: pid = 1\ndescription: >\n  Folded\n  text.\n"}};
  EXPECT_EQ(rules_markdown(*load_rules(texts, {})),
            "## a\n\n| rule | severity | fires on | ATT&CK |\n|---|---|---|---|\n"
            "| `y` | 1 | {{user}} ran |  |\n\n"
            "## b\n\n| rule | severity | fires on | ATT&CK |\n|---|---|---|---|\n"
            "| `a` | 3 | Folded text |  |\n"
            "| `x` | 2 | One \\| two | T1059.004 |\n");
}

// SIGHTLINE_UPDATE_GOLDEN=1 writes the tables of the page instead of comparing them.
TEST(RulesDoc, ThePageOfTheShippedRulesIsTrue) {
  const std::filesystem::path root(SIGHTLINE_SOURCE_DIR);
  const std::filesystem::path folders[] = {root / "rules"};
  const auto rules = load_rule_files(folders, {});
  ASSERT_TRUE(rules) << rules.error().message;
  const std::filesystem::path file = root / "docs/shipped-rules.md";
  std::ifstream stream(file, std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(stream), {}};
  const std::size_t tables = page.find("## ");
  ASSERT_NE(tables, std::string::npos);
  const std::string made = rules_markdown(**rules);
  if (std::getenv("SIGHTLINE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file, std::ios::binary) << page.substr(0, tables) << made;
  } else {
    EXPECT_EQ(page.substr(tables), made) << "run this test once with SIGHTLINE_UPDATE_GOLDEN=1";
  }
}

}  // namespace
}  // namespace sightline::detect
