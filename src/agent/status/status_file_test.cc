#include "agent/status/status_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "testing/temporary_directory.h"

namespace sightline::agent {
namespace {

TEST(StatusFile, ComesBackAsItWasWritten) {
  const testing::TemporaryDirectory directory;
  const auto file = directory.path() / "status.json";
  AgentStatus status;
  status.version = "0.1";
  status.pid = 42;
  status.started_ms = 1'700'000'000'000;
  status.audit = "owner";
  status.waiting_events = UINT64_MAX;
  status.trouble = "line\n\"quoted\"";
  status.last_loss_ms = 7;
  ASSERT_TRUE(write_status(file, status));
  const auto read = read_status(file);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_TRUE(*read);
  EXPECT_EQ((*read)->version, status.version);
  EXPECT_EQ((*read)->pid, status.pid);
  EXPECT_EQ((*read)->started_ms, status.started_ms);
  EXPECT_EQ((*read)->audit, status.audit);
  EXPECT_EQ((*read)->waiting_events, status.waiting_events);
  EXPECT_EQ((*read)->trouble, status.trouble);
  EXPECT_EQ((*read)->last_loss_ms, status.last_loss_ms);
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(StatusFile, NoneIsNoError) {
  const testing::TemporaryDirectory directory;
  const auto read = read_status(directory.path() / "status.json");
  ASSERT_TRUE(read);
  EXPECT_FALSE(*read);
}

TEST(StatusFile, AnythingElseIsCorrupt) {
  const testing::TemporaryDirectory directory;
  const auto file = directory.path() / "status.json";
  for (const char* text : {"", "{", "[]", "{\"pid\":1}", "{\"version\":1}"}) {
    std::ofstream(file) << text;
    const auto read = read_status(file);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace sightline::agent
