#include "detect/matcher/value_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace sightline::detect {
namespace {

// The atoms that are kept for a value: its size, and the number of the table.
std::vector<AtomId> atoms_of(std::uint32_t table, const std::string& value) {
  return {static_cast<AtomId>(value.size()), table};
}

// Whether the value was there; it is afterwards, unless the cache did not want it.
bool ask(ValueCache& cache, std::uint32_t table, const std::string& value) {
  ValueCache::Miss miss;
  std::optional<std::uint64_t> hash;
  const std::vector<AtomId> atoms = atoms_of(table, value);
  if (const auto known = cache.find(table, value, hash, miss)) {
    EXPECT_TRUE(std::ranges::equal(*known, atoms)) << value;
    return true;
  }
  cache.keep(miss, table, value, atoms);
  return false;
}

TEST(ValueCache, RemembersByTableAndValue) {
  ValueCache cache(2);
  EXPECT_FALSE(ask(cache, 0, "root"));
  EXPECT_FALSE(ask(cache, 1, "root"));
  EXPECT_FALSE(ask(cache, 0, ""));
  EXPECT_TRUE(ask(cache, 0, "root"));
  EXPECT_TRUE(ask(cache, 1, "root"));
  EXPECT_TRUE(ask(cache, 0, ""));
  EXPECT_FALSE(ask(cache, 0, std::string("root\0", 5)));
}

TEST(ValueCache, StaysBoundedAndRightWhileValuesPassThrough) {
  ValueCache cache(1);
  const std::string often = "/usr/bin/bash";
  std::size_t found = 0;
  for (int i = 0; i < 200'000; ++i) {
    found += ask(cache, 0, often) ? 1 : 0;
    ask(cache, 0, std::string(static_cast<std::size_t>(300 + i % 200), 'x') + std::to_string(i));
    ASSERT_LE(cache.size_bytes(), ValueCache::kMaxBytes);
  }
  EXPECT_GT(found, 190'000U);
}

TEST(ValueCache, LeavesOutLongValuesAndLongAnswers) {
  ValueCache cache(1);
  const std::string long_value(ValueCache::kMaxValueBytes + 1, 'x');
  EXPECT_FALSE(ask(cache, 0, long_value));
  EXPECT_FALSE(ask(cache, 0, long_value));
  ValueCache::Miss miss;
  std::optional<std::uint64_t> hash;
  EXPECT_FALSE(cache.find(0, "short", hash, miss));
  cache.keep(miss, 0, "short", std::vector<AtomId>(ValueCache::kMaxAtoms + 1));
  EXPECT_FALSE(cache.find(0, "short", hash, miss));
}

// A column of which no value comes twice is not looked up for a while, and then is again.
TEST(ValueCache, PausesWhereNothingComesAgain) {
  ValueCache cache(1);
  for (int i = 0; i < 4'000; ++i) ask(cache, 0, "unique-" + std::to_string(i));
  EXPECT_FALSE(ask(cache, 0, "again"));
  EXPECT_FALSE(ask(cache, 0, "again"));
  for (int i = 0; i < 100'000 && !ask(cache, 0, "again"); ++i) {
  }
  EXPECT_TRUE(ask(cache, 0, "again"));
}

}  // namespace
}  // namespace sightline::detect
