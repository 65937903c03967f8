#include "sources/masking/clean_texts.h"

#include <gtest/gtest.h>

#include <string>

namespace sightline::sources {
namespace {

TEST(CleanTexts, KnowsExactlyWhatItWasTold) {
  CleanTexts clean;
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = "value " + std::to_string(i);
    EXPECT_FALSE(clean.contains(text));
    clean.add(text);
    EXPECT_TRUE(clean.contains(text));
    EXPECT_FALSE(clean.contains(text + '\0'));
    EXPECT_FALSE(clean.contains(text.substr(1)));
  }
}

// Of the same length and with the same ends they share a place.
TEST(CleanTexts, TellsTextsOfOnePlaceApart) {
  CleanTexts clean;
  clean.add("--users=a and-the-rest");
  EXPECT_FALSE(clean.contains("--users=b and-the-rest"));
  clean.add("--users=b and-the-rest");
  EXPECT_TRUE(clean.contains("--users=b and-the-rest"));
  EXPECT_FALSE(clean.contains("--users=a and-the-rest"));
}

TEST(CleanTexts, DoesNotKeepTheEmptyAndTheLong) {
  CleanTexts clean;
  for (const std::string& text : {std::string(), std::string(64, 'x'), std::string(10'000, 'x')}) {
    clean.add(text);
    EXPECT_FALSE(clean.contains(text));
  }
  clean.add(std::string(63, 'x'));
  EXPECT_TRUE(clean.contains(std::string(63, 'x')));
}

}  // namespace
}  // namespace sightline::sources
