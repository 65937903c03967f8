#include "store/clickhouse/stored_value.h"

#include <gtest/gtest.h>

#include <string>

namespace sightline::store::clickhouse {
namespace {

constexpr std::string_view kUuid = "01234567-89ab-cdef-fedc-ba9876543210";

TEST(StoredValue, PacksUuids) {
  std::string scratch;
  const std::string stored(to_stored_text(kUuid, true, scratch));
  EXPECT_EQ(stored, "\x01\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10");
  EXPECT_EQ(from_stored_text(stored, scratch), kUuid);
  EXPECT_EQ(to_stored_text(kUuid, false, scratch), kUuid);
}

TEST(StoredValue, TakesNothingElseForAUuid) {
  char bytes[16];
  EXPECT_FALSE(parse_uuid(kUuid.substr(1), bytes));
  for (std::size_t i = 0; i < kUuid.size(); ++i) {
    for (const char c : {'-', 'A', 'g', '/', ':', '`', '\0', '\xff'}) {
      std::string text(kUuid);
      if (text[i] == c) continue;
      text[i] = c;
      EXPECT_FALSE(parse_uuid(text, bytes)) << text;
      std::string scratch;
      EXPECT_EQ(to_stored_text(text, true, scratch), text.front() == '\0' ? '\0' + text : text);
    }
  }
}

}  // namespace
}  // namespace sightline::store::clickhouse
