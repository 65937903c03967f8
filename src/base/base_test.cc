#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/hash.h"

namespace sightline {
namespace {

TEST(Sha256, MatchesThePublishedVector) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, FramingKeepsFieldsApart) {
  EXPECT_NE(Sha256().update_framed("ab").update_framed("c").finish(),
            Sha256().update_framed("a").update_framed("bc").finish());
}

TEST(Hex, RefusesWhatIsNotHex) {
  EXPECT_EQ(from_hex("6A6b"), "jk");
  EXPECT_FALSE(from_hex("6"));
  EXPECT_FALSE(from_hex("6g"));
}

TEST(Digest, IsSixtyFourDigits) {
  const Sha256Digest digest = sha256("x");
  EXPECT_EQ(parse_digest(to_hex(digest)), digest);
  EXPECT_FALSE(parse_digest(to_hex(digest).substr(2)));
  EXPECT_FALSE(parse_digest(to_hex(digest) + "00"));
  EXPECT_FALSE(parse_digest(std::string(64, 'g')));
}

TEST(Arena, ViewsSurviveAMove) {
  Arena arena;
  const std::string_view text = arena.copy("hello");
  const Arena moved = std::move(arena);
  EXPECT_EQ(text, "hello");
  EXPECT_EQ(moved.allocated_bytes(), 5U);
}

}  // namespace
}  // namespace sightline
