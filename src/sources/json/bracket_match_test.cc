#include "sources/json/bracket_match.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "sources/json/json_scanner.h"

namespace sightline::sources {
namespace {

std::string random_value(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 5 : 2)) {
    case 0:
      return std::to_string(random() % 1000);
    case 1: {
      std::string text = "\"";
      for (std::size_t i = random() % 40; i > 0; --i) {
        const std::size_t kind = random() % 8;
        text += kind == 0 ? "\\\"" : kind == 1 ? "\\\\" : std::string(1, "{}[],: x"[random() % 8]);
      }
      return text + "\"";
    }
    case 2: {
      std::string text = "[";
      for (std::size_t i = random() % 4; i > 0; --i) text += random_value(random, depth - 1) + (i > 1 ? "," : "");
      return text + "]";
    }
    default: {
      std::string text = "{";
      for (std::size_t i = random() % 4; i > 0; --i)
        text += "\"k\" :" + random_value(random, depth - 1) + (i > 1 ? ", " : "");
      return text + "}";
    }
  }
}

TEST(BracketMatch, AgreesWithTheScannerOnRandomObjects) {
#if !defined(__SSE2__)
  GTEST_SKIP() << "this machine has no fast way";
#endif
  std::mt19937 random(23);
  for (int i = 0; i < 20'000; ++i) {
    std::string object = random_value(random, 5);
    object = "{\"v\":" + object + "}";
    const std::string text = object + std::string(random() % 3, ' ') + random_value(random, 3);
    JsonScanner scanner;
    scanner.start({});
    std::size_t position = 0;
    ASSERT_EQ(scanner.scan(text, position), JsonScanner::Status::complete);
    ASSERT_EQ(position, object.size());
    ASSERT_EQ(match_bracket(text), object.size()) << text;
    ASSERT_EQ(match_bracket(std::string_view(object).substr(0, random() % object.size())), 0U) << object;
  }
}

}  // namespace
}  // namespace sightline::sources
