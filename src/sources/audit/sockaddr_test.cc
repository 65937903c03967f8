#include "sources/audit/sockaddr.h"

#include <gtest/gtest.h>

namespace sightline::audit {
namespace {

TEST(SocketAddressText, Inet) {
  Arena arena;
  const auto address = decode_sockaddr("02000050A9FEA9FE0000000000000000", true, arena);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->family_name, "inet");
  EXPECT_EQ(address->ip, "169.254.169.254");
  EXPECT_EQ(address->port, 80);
  EXPECT_TRUE(address->complete);
}

TEST(SocketAddressText, InetOfABigEndianHost) {
  Arena arena;
  const auto address = decode_sockaddr("00020050A9FEA9FE", false, arena);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->ip, "169.254.169.254");
}

TEST(SocketAddressText, Inet6) {
  Arena arena;
  const auto address = decode_sockaddr("0A0001BB0000000020010DB800000000000000000000000100000000", true, arena);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->ip, "2001:db8::1");
  EXPECT_EQ(address->port, 443);
  const auto mapped = decode_sockaddr("0A0001BB0000000000000000000000000000FFFF0A000001", true, arena);
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->ip, "::ffff:10.0.0.1");
  const auto scoped = decode_sockaddr("0A0001BB00000000FE80000000000000000000000000000102000000", true, arena);
  ASSERT_TRUE(scoped);
  EXPECT_EQ(scoped->ip, "fe80::1");
  EXPECT_FALSE(scoped->complete);
}

TEST(SocketAddressText, Unix) {
  Arena arena;
  EXPECT_EQ(decode_sockaddr("01002F72756E2F7800AABB", true, arena)->path, "/run/x");
  EXPECT_EQ(decode_sockaddr("010000612F620000", true, arena)->path, "@a/b");
  EXPECT_EQ(decode_sockaddr("0100", true, arena)->path, "");
  EXPECT_EQ(decode_sockaddr("01000000", true, arena)->path, "");
}

TEST(SocketAddressText, OtherFamilies) {
  Arena arena;
  const auto netlink = decode_sockaddr("100000000000000000000000", true, arena);
  ASSERT_TRUE(netlink);
  EXPECT_EQ(netlink->family_name, "netlink");
  EXPECT_FALSE(netlink->complete);
  EXPECT_EQ(decode_sockaddr("2800", true, arena)->family_name, "vsock");
  EXPECT_EQ(decode_sockaddr("FFFF", true, arena)->family_name, "");
}

TEST(SocketAddressText, Broken) {
  Arena arena;
  for (const char* digits : {"", "02", "0200005", "xyz", "02000050A9FEA9", "0A0001BB0000000020010DB8"}) {
    EXPECT_FALSE(decode_sockaddr(digits, true, arena)) << digits;
  }
}

}  // namespace
}  // namespace sightline::audit
