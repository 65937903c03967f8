#include "server/backup/inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sightline::backup {
namespace {

using ::testing::HasSubstr;

Inventory example() {
  Inventory inventory{1795000000000, "0.1.0", {7, sha256("head")}, {2, sha256("audit")}, {}};
  inventory.entries.push_back({Entry::Kind::file, "events/a b/data.bin", 3, -5, sha256("abc"), {}});
  inventory.entries.push_back({Entry::Kind::directory, "events/detached", 0, 0, {}, {}});
  inventory.entries.push_back({Entry::Kind::link, "events/metadata/x", 0, 0, {}, "../store/x y"});
  return inventory;
}

// The text with its checksum made to fit: what somebody writes who knows the format.
std::string signed_again(std::string body) { return body + "end " + to_hex(sha256(body)) + "\n"; }

TEST(Inventory, ComesBackAsItWas) {
  const auto read = parse_inventory(to_text(example()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->made_ms, 1795000000000);
  EXPECT_EQ(read->program, "0.1.0");
  EXPECT_EQ(read->head.number, 7U);
  EXPECT_EQ(read->head.link, sha256("head"));
  EXPECT_EQ(read->audit_head.link, sha256("audit"));
  ASSERT_EQ(read->entries.size(), 3U);
  EXPECT_EQ(read->entries[0].path, "events/a b/data.bin");
  EXPECT_EQ(read->entries[0].size, 3U);
  EXPECT_EQ(read->entries[0].modified_ns, -5);
  EXPECT_EQ(read->entries[0].digest, sha256("abc"));
  EXPECT_EQ(read->entries[1].kind, Entry::Kind::directory);
  EXPECT_EQ(read->entries[2].path, "events/metadata/x");
  EXPECT_EQ(read->entries[2].target, "../store/x y");
  EXPECT_EQ(read->files(), 1U);
  EXPECT_EQ(read->bytes(), 3U);
}

TEST(Inventory, EveryChangedByteAndEveryCutShows) {
  const std::string text = to_text(example());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(parse_inventory(changed)) << i;
    EXPECT_FALSE(parse_inventory(text.substr(0, i))) << i;
  }
  EXPECT_FALSE(parse_inventory(text + "\n"));
}

TEST(Inventory, OfALaterFormatIsNotTakenForDamaged) {
  const auto refused = parse_inventory("sightline backup 2\nanything\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().message, HasSubstr("format 2"));
}

TEST(Inventory, NamesTheLineThatIsNone) {
  const std::string hash = to_hex(sha256(""));
  const std::vector<std::string> lines = {"file",
                                          "file " + hash + " 1 2 ../x",
                                          "file " + hash + " 1 2 /etc/passwd",
                                          "file " + hash + " 1 2",
                                          "file " + hash + " x 2 a",
                                          "file 00 1 2 a",
                                          "directory a//b",
                                          "link ../../x\ta/b",
                                          "link /etc\ta",
                                          "link a",
                                          "head 1",
                                          "other x"};
  for (const std::string& line : lines) {
    const auto refused = parse_inventory(signed_again("sightline backup 1\nmade 1\n" + line + "\n"));
    ASSERT_FALSE(refused) << line;
    EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
    EXPECT_THAT(refused.error().message, HasSubstr("line 3")) << line;
  }
}

TEST(Inventory, PathsStayBelowTheFolder) {
  for (const char* path : {"a", "a/b.c", "a/..b", "...", "a b"}) EXPECT_TRUE(is_safe_path(path)) << path;
  for (const char* path : {"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a\nb", "a\tb"}) {
    EXPECT_FALSE(is_safe_path(path)) << path;
  }
  EXPECT_TRUE(is_safe_target("a/b/link", "../c"));
  EXPECT_FALSE(is_safe_target("a/b/link", "../../../c"));
  EXPECT_FALSE(is_safe_target("a/b/link", "/c"));
  EXPECT_FALSE(is_safe_target("link", ""));
}

}  // namespace
}  // namespace sightline::backup
