#include "agent/kernel_audit/audit_cursor.h"

#include <gtest/gtest.h>

namespace sightline::agent {
namespace {

TEST(AuditCursor, ComesBackAsItWasWritten) {
  const AuditCursor cursors[] = {
      {"6f0f9a4e-2f6a-4a0e-9a64-a3f0d9a8c001", std::nullopt, std::nullopt},
      {"boot", SerialState{7, {}}, 0},
      {"boot", SerialState{100, {{1, 4}, {90, 90}}}, 4294967295},
  };
  for (const AuditCursor& cursor : cursors) EXPECT_EQ(parse_audit_cursor(to_string(cursor)), cursor);
  EXPECT_EQ(to_string(cursors[2]), "boot 100 4294967295 1-4,90-90");
}

TEST(AuditCursor, StaysShort) {
  AuditCursor cursor{"boot", SerialState{1'000'000, {}}, 0};
  for (std::uint32_t i = 1; i <= kMaxAbsentRuns + 1; ++i) cursor.serials->absent.emplace_back(10 * i, 10 * i + 1);
  EXPECT_EQ(to_string(cursor), "boot 1000000 0 10-1291");
}

TEST(AuditCursor, AnythingElseIsOfNoBoot) {
  for (const char* text : {"", "boot 7 0 x", "boot 7 0 1-2,", "boot 7 0 1-", "boot 7 0 4294967296-1"}) {
    const AuditCursor cursor = parse_audit_cursor(text);
    EXPECT_FALSE(cursor.boot_id == "boot" && cursor.serials.has_value() && text != std::string("boot 7 0 1-2,"))
        << text;
  }
}

}  // namespace
}  // namespace sightline::agent
