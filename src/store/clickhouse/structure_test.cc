#include "store/clickhouse/structure.h"

#include <gtest/gtest.h>

#include "store/clickhouse/attribute_keys.h"

namespace sightline::store::clickhouse {
namespace {

using namespace std::string_literals;

TEST(Structure, ReadsBackWhateverItsPartsAre) {
  const std::string layout = '\x03' + "\xff\xff\xff"s + std::string(200, 'm');
  const std::string keys = key_bytes(0) + key_bytes(31) + key_bytes(AttributeKeys::kMax - 1);
  for (const Structure& written : {Structure{}, Structure{keys, "", layout, "{\xff}"}, Structure{"", keys, "", ""}}) {
    std::string text = "left over";
    write_structure(written, text);
    Structure read;
    ASSERT_TRUE(read_structure(text, read));
    EXPECT_EQ(read.word_keys, written.word_keys);
    EXPECT_EQ(read.text_keys, written.text_keys);
    EXPECT_EQ(read.layout, written.layout);
    EXPECT_EQ(read.shape, written.shape);
  }
}

TEST(Structure, NoKeyHasTheByteThatEndsKeys) {
  for (std::uint32_t number = 0; number < AttributeKeys::kMax; ++number) {
    ASSERT_EQ(key_bytes(number).find('\xff'), std::string::npos) << number;
  }
}

TEST(Structure, RefusesWhatItDoesNotWrite) {
  Structure read;
  for (const std::string& text : {""s, "abcd"s, "\xff"s, "\xff\xff"s, "\xff\xff\x05no"s, "\xff\xff\x81\x00x"s}) {
    EXPECT_FALSE(read_structure(text, read)) << text;
  }
}

}  // namespace
}  // namespace sightline::store::clickhouse
