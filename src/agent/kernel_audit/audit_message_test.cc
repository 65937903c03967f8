#include "agent/kernel_audit/audit_message.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>

#include <cstring>

namespace sightline::agent {
namespace {

// As the kernel sends it: to its owner the length is without the header, to listeners with it.
std::string datagram(std::uint16_t type, std::string_view text, std::size_t stated) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_len = static_cast<std::uint32_t>(stated);
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes.append(text);
}

std::string line_of(std::uint16_t type, std::string_view text) {
  std::string line;
  append_line(line, {type, text});
  return line;
}

constexpr std::string_view kText = "audit(1600362902.289:24287): arch=c000003e syscall=59";

TEST(AuditMessage, ComesToTheOwnerAndToListeners) {
  for (const std::size_t stated : {kText.size(), kText.size() + sizeof(nlmsghdr)}) {
    const std::string bytes = datagram(1300, kText, stated);
    const auto message = read_datagram(bytes, false);
    ASSERT_TRUE(message) << message.error();
    EXPECT_EQ(message->type, 1300);
    EXPECT_EQ(message->text, kText);
  }
}

TEST(AuditMessage, PaddingIsNoText) {
  const std::string padded = std::string(kText) + std::string(3, '\0');
  const std::string bytes = datagram(1300, padded, kText.size() + sizeof(nlmsghdr));
  const auto message = read_datagram(bytes, false);
  ASSERT_TRUE(message) << message.error();
  EXPECT_EQ(message->text, kText);
}

TEST(AuditMessage, WhatIsCutIsNoMessage) {
  const std::string whole = datagram(1300, kText, kText.size() + sizeof(nlmsghdr));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto message = read_datagram(std::string_view(whole).substr(0, size), false);
    EXPECT_FALSE(message) << size;
  }
  EXPECT_FALSE(read_datagram(whole, true));
}

TEST(AuditMessage, RecordsAreToldFromTheKernelsAnswers) {
  for (const std::uint16_t type : {1005, 1006, 1100, 1112, 1300, 1305, 1320, 1400, 1806, 2404}) {
    EXPECT_TRUE(is_record(type)) << type;
  }
  for (const std::uint16_t type : {0, 2, 3, 1000, 1001, 1013, 1329}) EXPECT_FALSE(is_record(type)) << type;
}

TEST(AuditMessage, BecomesTheLineOfAuditd) {
  EXPECT_EQ(line_of(1300, "audit(1.002:3): a=b"), "type=SYSCALL msg=audit(1.002:3): a=b");
  EXPECT_EQ(line_of(1299, "audit(1.002:3): a=b"), "type=UNKNOWN[1299] msg=audit(1.002:3): a=b");
}

TEST(AuditMessage, NoRecordImitatesAnother) {
  std::string line;
  const std::string hostile = std::string("audit(1.002:3): msg='x\ntype=SYSCALL msg=audit(1.002:4): uid=0\r") + '\x1D' +
                              "UID=\"root\"" + '\0' + "'";
  append_line(line, {1107, hostile});
  EXPECT_EQ(line, "type=USER_AVC msg=audit(1.002:3): msg='x type=SYSCALL msg=audit(1.002:4): uid=0  UID=\"root\" '");
}

}  // namespace
}  // namespace sightline::agent
