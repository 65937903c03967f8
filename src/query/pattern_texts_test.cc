#include "query/pattern_texts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "query/fold.h"
#include "query/pattern.h"

namespace sightline::query {
namespace {

using Texts = std::vector<std::string>;

TEST(NecessaryTexts, AreTheLongestThatIsAlwaysNeededOrAllOfWhichOneIs) {
  EXPECT_EQ(necessary_texts("net\\s+use\\s+https://docs"), Texts{"https://docs"});
  EXPECT_EQ(necessary_texts("(?i)Invoke-Expression|IEX"), (Texts{"invoke-expression", "iex"}));
  EXPECT_EQ(necessary_texts("a.*b"), Texts{});
  EXPECT_EQ(necessary_texts("a.*bc"), Texts{"bc"});
  EXPECT_EQ(necessary_texts("\\w+`\\w+"), Texts{"`"});
  EXPECT_EQ(necessary_texts("\\.[ '][0-9]{8}\\."), (Texts{".'", ". "}));
  EXPECT_EQ(necessary_texts("(abc)?"), Texts{});
  EXPECT_EQ(necessary_texts("("), Texts{});
  EXPECT_EQ(necessary_texts(""), Texts{});
}

TEST(NecessaryTexts, HoldOfEveryAsciiValueThatMatches) {
  constexpr std::array kPatterns{"abc",         "(?i)abc+d",       "x(abc|def)y",   "^abc.{2,}def$", "(?s).*abc\\ndef",
                                 "[aA]bc[0-9]", "abc|(?i)DEF|ghi", "a(?:bc|bd)ef?", "\\babc\\b",     "abc\\.def|x+"};
  constexpr std::array kValues{"abc",     "ABCCD", "xabcy",    "XDEFY",   "abc12def", "abc\ndef", "Abc7", "def",
                               "GHI ghi", "abcef", "abde abd", "a abc b", "abc.def",  "xx",       "abcD", "xdefy"};
  std::size_t matches = 0;
  for (const std::string pattern : kPatterns) {
    const auto compiled = Pattern::compile(pattern);
    ASSERT_TRUE(compiled) << pattern;
    const Texts texts = necessary_texts(pattern);
    for (const std::string value : kValues) {
      if (!compiled->matches(value)) continue;
      ++matches;
      const bool has_one = std::ranges::any_of(texts, [&](const auto& each) { return fold(value).contains(each); });
      EXPECT_TRUE(texts.empty() || has_one) << pattern << " matches " << value;
    }
  }
  EXPECT_GT(matches, 20U);
}

}  // namespace
}  // namespace sightline::query
