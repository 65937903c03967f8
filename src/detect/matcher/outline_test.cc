// What tables say of a value by its outline and beside it, held against what they say of the value itself.
#include "detect/matcher/outline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

#include "detect/matcher/value_tables.h"

namespace sightline::detect {
namespace {

std::string outline_of(std::string_view value) {
  Outline outline;
  std::string text = outline.draw(value) ? std::string(outline.text()) : "none";
  std::ranges::replace(text, '\0', '#');
  return text;
}

TEST(Outline, LeavesNumbersOut) {
  EXPECT_EQ(outline_of("--id=4711 /s"), "--id=# /s");
  EXPECT_EQ(outline_of("x 7ffe-03a"), "x #a");
  EXPECT_EQ(outline_of("{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"), "{#}");
  EXPECT_EQ(outline_of("v1.0"), "v#.#");
  EXPECT_EQ(outline_of("5"), "#");
  EXPECT_EQ(outline_of("-face-"), "none");
  EXPECT_EQ(outline_of(""), "none");
  EXPECT_EQ(outline_of(std::string_view("a\0b1", 4)), "none");
}

using Random = std::minstd_rand;

std::string random_text(Random& random, std::size_t most) {
  constexpr std::array<std::string_view, 12> kParts{"a", "F", "e", "-", "3", "7", "0", "x", "X", "\\", "é", " "};
  std::string text;
  for (std::size_t left = random() % (most + 1); left > 0; --left) text += kParts.at(random() % kParts.size());
  return text;
}

void add_questions(ValueTables& tables, Random& random, AtomId first, AtomId count) {
  for (AtomId atom = first; atom < first + count; ++atom) {
    const auto test = static_cast<TextTest>(random() % 4);
    std::string bytes = random_text(random, random() % 3 == 0 ? 3 : 8);
    if (bytes.empty()) bytes = random() % 2 == 0 ? "face-" : "-";
    tables.add_text(test, bytes, random() % 2 == 0, atom);
  }
}

TEST(Outline, TellsWithWhatIsBesideItAllThatHolds) {
  std::size_t outlines = 0;
  std::size_t held = 0;
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    ValueTables tables;
    add_questions(tables, random, 10, 10 + random() % 300);
    tables.add_text(TextTest::contains, "x", true, 0);
    tables.add_any_value(1);
    tables.add_not_ascii(2);
    tables.add_run("0123456789abcdef", 3, 3);
    tables.build();
    ASSERT_TRUE(tables.has_outlines());
    ValueScratch scratch;
    Outline outline;
    for (int i = 0; i < 2'000; ++i) {
      const std::string value = random_text(random, 40);
      if (!outline.draw(value)) continue;
      ++outlines;
      std::vector<AtomId> expected;
      tables.find_text(value, false, scratch, expected);
      std::vector<AtomId> found;
      tables.find_in_outline(outline.text(), scratch, found);
      tables.find_beside_outline(value, outline.numbers(), scratch, found);
      held += expected.size();
      const auto as_set = [](const std::vector<AtomId>& atoms) { return std::set(atoms.begin(), atoms.end()); };
      ASSERT_EQ(as_set(found), as_set(expected)) << value << ", seed " << seed;
    }
  }
  EXPECT_GT(outlines, 50'000U);
  EXPECT_GT(held, 500'000U);
}

TEST(Outline, IsNotAskedWhereATextHasWhatStandsForNumbers) {
  ValueTables tables;
  tables.add_text(TextTest::contains, std::string_view("a\0b", 3), true, 0);
  tables.build();
  EXPECT_FALSE(tables.has_outlines());
}

}  // namespace
}  // namespace sightline::detect
