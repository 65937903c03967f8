#include "agent/kernel_audit/audit_cursor.h"

#include <gtest/gtest.h>

namespace sightline::agent {
namespace {

TEST(AuditCursor, ComesBackAsItWasWritten) {
  const AuditCursor cursors[] = {
      {"6f0f9a4e-2f6a-4a0e-9a64-a3f0d9a8c001", std::nullopt, std::nullopt, 0},
      {"boot", SerialState{7, {}}, 0, 1'700'000'000'000},
      {"boot", SerialState{100, {{1, 4}, {90, 90}}}, 4294967295, -5},
  };
  for (const AuditCursor& cursor : cursors) EXPECT_EQ(parse_audit_cursor(to_string(cursor)), cursor);
  EXPECT_EQ(to_string(cursors[2]), "boot 100 4294967295 -5 1-4,90-90");
}

TEST(AuditCursor, StaysShort) {
  AuditCursor cursor{"boot", SerialState{1'000'000, {}}, 0, 5};
  for (std::uint32_t i = 1; i <= kMaxAbsentRuns + 1; ++i) cursor.serials->absent.emplace_back(10 * i, 10 * i + 1);
  EXPECT_EQ(to_string(cursor), "boot 1000000 0 5 10-1291");
}

TEST(AuditCursor, AnythingElseIsOfNoBoot) {
  for (const char* text : {"", "boot", "boot 7 0 x", "boot 7 0 5 x", "boot 7 0 5 1-", "boot 7 0 5 4294967296-1"}) {
    EXPECT_EQ(parse_audit_cursor(text), AuditCursor()) << text;
  }
}

}  // namespace
}  // namespace sightline::agent
