#include "detect/yaml/yaml_document.h"

#include <gmock/gmock.h>

namespace sightline::detect {
namespace {

const YamlNode& root_of(const std::expected<std::vector<YamlNode>, YamlError>& parsed) { return parsed->front(); }

std::pair<std::size_t, std::size_t> place_of(std::string_view text, std::string_view word) {
  const auto parsed = parse_yaml(text);
  const YamlNode* value = root_of(parsed).find("f");
  return locate_in_scalar(text, *value, value->scalar.find(word));
}

using Place = std::pair<std::size_t, std::size_t>;

TEST(YamlDocument, KeepsOrderKindsAndPlaces) {
  const auto parsed = parse_yaml("a: 1\nb:\n  - x\n  - {c: ~}\n---\n- second\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2U);
  const YamlNode& root = root_of(parsed);
  EXPECT_EQ(root.find("a")->scalar, "1");
  EXPECT_EQ(root.find("a")->column, 4U);
  const YamlNode& list = *root.find("b");
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[1].line, 4U);
  EXPECT_EQ(list.items[1].find("c")->kind, YamlNode::Kind::null);
  EXPECT_EQ((*parsed)[1].items.front().scalar, "second");
}

TEST(YamlDocument, QuotedNullIsText) {
  const auto parsed = parse_yaml("a: \"null\"\nb: null\n");
  EXPECT_EQ(root_of(parsed).find("a")->kind, YamlNode::Kind::scalar);
  EXPECT_EQ(root_of(parsed).find("b")->kind, YamlNode::Kind::null);
}

TEST(YamlDocument, RefusesAliasesDepthAndSize) {
  const auto bomb = parse_yaml("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n");
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().line, 2U);
  EXPECT_THAT(bomb.error().message, ::testing::HasSubstr("alias"));

  const auto deep = parse_yaml(std::string(kMaxYamlDepth + 1, '[') + std::string(kMaxYamlDepth + 1, ']'));
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message, ::testing::HasSubstr("deep"));
  EXPECT_FALSE(parse_yaml(std::string(100'000, '[')));

  std::string wide = "[";
  for (std::size_t i = 0; i <= kMaxYamlNodes; ++i) wide += "1,";
  EXPECT_FALSE(parse_yaml(wide + "]"));
}

TEST(YamlDocument, NamesThePlaceOfASyntaxError) {
  const auto parsed = parse_yaml("a: 1\nb: [x\nc: 2\n");
  ASSERT_FALSE(parsed);
  EXPECT_GE(parsed.error().line, 2U);
  EXPECT_FALSE(parsed.error().message.empty());
}

TEST(YamlDocument, FindsPlacesInsideScalars) {
  EXPECT_EQ(place_of("f: alpha beta\n", "beta"), Place(1, 10));
  EXPECT_EQ(place_of("f: \"alpha beta\"\n", "beta"), Place(1, 11));
  EXPECT_EQ(place_of("f: \"al\\\"pha beta\"\n", "beta"), Place(1, 13));
  EXPECT_EQ(place_of("f: 'it''s beta'\n", "beta"), Place(1, 11));
  EXPECT_EQ(place_of("x: 1\nf: >\n  alpha\n  gamma beta\n", "beta"), Place(4, 9));
  EXPECT_EQ(place_of("x: 1\nf: |\n  alpha\n\n  beta\n", "beta"), Place(5, 3));
  EXPECT_EQ(place_of("f: alpha\n  gamma\n  beta\n", "beta"), Place(3, 3));
}

}  // namespace
}  // namespace sightline::detect
