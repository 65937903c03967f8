#include "query/pattern_run.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "query/pattern.h"

namespace sightline::query {
namespace {

std::size_t size_of(std::string_view pattern) { return necessary_run(pattern).size; }

TEST(NecessaryRun, IsTheLongestOutsideGroups) {
  EXPECT_EQ(size_of("\\s[a-fA-F0-9]{64}\\s[a-fA-F0-9]{16}"), 64U);
  EXPECT_EQ(size_of("[^/]{100,}$"), 100U);
  EXPECT_EQ(size_of(".{20,30}?x"), 20U);
  EXPECT_EQ(size_of("(a|[b)]){3}[a-c]{2}"), 2U);
  EXPECT_EQ(size_of("[]a-]{7}"), 7U);
  EXPECT_EQ(size_of("[\\w]{7}x.+"), 1U);
  EXPECT_EQ(size_of("abc"), 0U);
  EXPECT_EQ(size_of("[a-f]*"), 0U);
}

TEST(NecessaryRun, SaysNothingOfWhatItDoesNotKnow) {
  for (const std::string_view pattern :
       {"[a]{9}|b", "(?i)[k]{9}", "\\Q[a]{9}\\E", "([a]{9}", "[a]{9", "[a", "[[:alpha:]]{9}", "\\x41[a]{9}",
        "[a]{9}{0}", "[a]{,9}", "a)[b]{9}", "(x(?i))[k]{9}", "\\"}) {
    EXPECT_EQ(size_of(pattern), 0U) << pattern;
  }
  EXPECT_EQ(size_of("[aé]{9}"), 0U);
}

TEST(NecessaryRun, HoldsOfEveryValueThatMatches) {
  constexpr std::array kPatterns{"\\s[a-c0]{4}\\s",  "[^a]{6}",         ".{7}",        "x[a-c]{3,5}?-",
                                 "[-c]{3}[^\\-]{2}", "(a|b)+[0-]{3}",   "[\\]a]{4}b?", "[a-c]{2}.[0]*",
                                 "a{3}[b]{2,}",      "^[^0]{3}[^-]{5}$"};
  constexpr std::array<std::string_view, 9> kParts{"a", "b", "c", "0", "-", " ", "]", "é", "\xff"};
  std::minstd_rand random(7);
  std::size_t matches = 0;
  std::size_t without = 0;
  for (const std::string_view pattern : kPatterns) {
    const auto compiled = Pattern::compile(pattern);
    ASSERT_TRUE(compiled) << pattern;
    const ByteRun run = necessary_run(pattern);
    EXPECT_GT(run.size, 1U) << pattern;
    for (int i = 0; i < 3'000; ++i) {
      std::string value;
      for (std::size_t size = random() % 16; size > 0; --size) value += kParts.at(random() % kParts.size());
      const bool holds = has_run(value, run);
      if (compiled->matches(value)) {
        ++matches;
        EXPECT_TRUE(holds) << pattern << " in " << value;
      }
      if (!holds) ++without;
    }
  }
  EXPECT_GT(matches, 500U);
  EXPECT_GT(without, 500U);
}

TEST(NecessaryRun, IsFoundWhereverItStands) {
  ByteRun run{{}, 5};
  run.bytes.set('a');
  for (std::size_t before = 0; before < 12; ++before) {
    for (std::size_t size = 0; size < 9; ++size) {
      const std::string value = std::string(before, '-') + std::string(size, 'a') + "-aaaa";
      EXPECT_EQ(has_run(value, run), size >= 5) << value;
    }
  }
}

}  // namespace
}  // namespace sightline::query
