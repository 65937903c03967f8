// The structures behind the tables, held against looking for each literal by itself.
#include "detect/matcher/value_tables.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "query/fold.h"
#include "query/testing/random_events.h"
#include "query/testing/random_source.h"

namespace sightline::detect {
namespace {

using query::testing::RandomSource;

struct Question {
  TextTest kind = TextTest::equals;
  std::string bytes;
  bool ignore_case = false;

  bool holds(std::string value) const {
    const std::string wanted = ignore_case ? query::fold(bytes) : bytes;
    if (ignore_case) value = query::fold(value);
    switch (kind) {
      case TextTest::equals:
        return value == wanted;
      case TextTest::contains:
        return value.find(wanted) != std::string::npos;
      case TextTest::starts_with:
        return value.starts_with(wanted);
      case TextTest::ends_with:
        return value.ends_with(wanted);
    }
    return false;
  }
};

// Parts of texts that events hold, of every size: short ones, and longer than what is scanned for.
Question random_test(RandomSource& random) {
  Question test{static_cast<TextTest>(random.below(4)), random.percent(20) ? std::string(90, 'a') : "",
                random.percent(50)};
  const std::string text = query::testing::random_text(random);
  const std::size_t size = 1 + random.below(random.percent(50) ? 3 : 60);
  test.bytes += text.substr(text.empty() ? 0 : random.below(text.size()), size);
  if (test.bytes.empty()) test.bytes = "x";
  if (random.percent(30)) test.bytes = query::fold(test.bytes);
  return test;
}

class Tables : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Tables, FindWhatHolds) {
  RandomSource random(GetParam());
  std::vector<Question> tests;
  ValueTables tables;
  for (std::size_t i = 0; i < GetParam(); ++i) {
    tests.push_back(random_test(random));
    tables.add_text(tests[i].kind, tests[i].bytes, tests[i].ignore_case, static_cast<AtomId>(i));
  }
  tables.build();
  ValueScratch scratch;
  std::size_t hits = 0;
  for (int i = 0; i < 500; ++i) {
    std::string value = query::testing::random_text(random);
    if (random.percent(30)) value = std::string(90, random.percent(50) ? 'a' : 'A') + value;
    std::vector<AtomId> found;
    tables.find_text(value, false, scratch, found);
    std::ranges::sort(found);
    const auto repeated = std::ranges::unique(found);
    found.erase(repeated.begin(), repeated.end());
    std::vector<AtomId> expected;
    for (AtomId atom = 0; atom < tests.size(); ++atom) {
      if (tests[atom].holds(value)) expected.push_back(atom);
    }
    EXPECT_EQ(found, expected) << value;
    hits += expected.size();
  }
  EXPECT_GT(hits, 5U);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Tables, ::testing::Values(5, 12, 40, 300, 3000));

TEST(ValueTables, KnowNumbersAndWhatIsNotAscii) {
  ValueTables tables;
  tables.add_decimal("1.5", 1);
  tables.add_text(TextTest::equals, "1.5", false, 2);
  tables.add_text(TextTest::contains, ".", false, 3);
  tables.add_not_ascii(4);
  tables.add_any_value(5);
  tables.add_integer(-7, 6);
  tables.build();
  ValueScratch scratch;
  const auto find = [&](std::string_view value, bool is_number) {
    std::vector<AtomId> found;
    tables.find_text(value, is_number, scratch, found);
    std::ranges::sort(found);
    return found;
  };
  EXPECT_EQ(find("1.5", true), (std::vector<AtomId>{1, 3, 5}));
  EXPECT_EQ(find("1.5", false), (std::vector<AtomId>{2, 3, 5}));
  EXPECT_EQ(find("\xC3\xA9", false), (std::vector<AtomId>{4, 5}));
  std::vector<AtomId> found;
  tables.find_integer(-7, found);
  EXPECT_EQ(found, (std::vector<AtomId>{5, 6}));
}

}  // namespace
}  // namespace sightline::detect
