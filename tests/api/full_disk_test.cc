// A disk that fills up under the server: nothing acknowledged is lost, and it goes on by itself when there is space.
#include <sys/mount.h>

#include <array>
#include <random>
#include <thread>

#include "api_fixture.h"

namespace sightline::testing {
namespace {

// The data directory is a file system of its own, in memory. A server refuses telemetry below 64 MiB of free space;
// these tests are about what is let in above that and does not fit.
class FullDisk : public ApiTest {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(data());
    if (!mount_data(0, 80)) GTEST_SKIP() << "mounting a file system is not allowed here";
    mounted_ = true;
    ApiTest::SetUp();
  }
  void TearDown() override {
    ApiTest::TearDown();
    server_.reset();
    if (mounted_) {
      EXPECT_EQ(::umount(data().c_str()), 0);
    }
  }

  std::string data() const { return (directory_.path() / "data").string(); }
  bool mount_data(unsigned long flags, int size_mib) const {
    const std::string options = fmt::format("size={}m,mode=0700", size_mib);
    return ::mount("tmpfs", data().c_str(), "tmpfs", flags, options.c_str()) == 0;
  }
  void make_space() const { ASSERT_TRUE(mount_data(MS_REMOUNT, 400)); }

  // Events of 120 kB that no compression makes much smaller.
  static std::string body(int events, std::string_view user, std::uint32_t seed) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::mt19937 random(seed);
    std::string text;
    for (int i = 0; i < events; ++i) {
      text += fmt::format(R"({{"event_time":{},"user":"{}","noise":")", 1'600'362'900'000 + i, user);
      for (int letter = 0; letter < 120'000; letter += 5) {
        std::uint32_t bits = random();
        for (int j = 0; j < 5; ++j, bits >>= 6U) text += kLetters[bits % kLetters.size()];
      }
      text += "\"}\n";
    }
    return text;
  }
  RawResponse send(const std::string& text, std::size_t sequence) const {
    return post("/v1/events", text, {fmt::format("Idempotency-Key: full/1/{}", sequence)});
  }
  std::int64_t count(std::string_view user) const {
    const json::object table = search({{"query", fmt::format("user = \"{}\" | count", user)}});
    return table.at("rows").as_array().at(0).as_array().at(0).as_int64();
  }
  // The server looks every second whether it still fails.
  void wait_until_ready() const {
    while (get("/readyz").status != 200) std::this_thread::yield();
  }
  void expect_intact() {
    EXPECT_EQ(server_->stop(), 0);
    const Outcome verified = run_program({program("sightlined").string(), "verify", "--data", data()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  }

 private:
  bool mounted_ = false;
};

TEST_F(FullDisk, WhatTheStoreHasNoRoomForIsNotAcknowledged) {
  constexpr int kEvents = 400;
  std::array<std::string, 3> bodies;
  for (std::size_t i = 0; i < bodies.size(); ++i) bodies[i] = body(kEvents, "much", static_cast<std::uint32_t>(i));
  std::array<RawResponse, 3> answers;
  {
    std::vector<std::jthread> senders;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      // One token may hold half of the memory for requests: what finds no room there comes again.
      senders.emplace_back([&, i] {
        do answers[i] = send(bodies[i], i);
        while (answers[i].status == 503);
      });
    }
  }
  std::int64_t acknowledged = 0;
  for (const RawResponse& answer : answers) {
    if (answer.status == 200) {
      acknowledged += kEvents;
    } else {
      EXPECT_EQ(answer.status, 507) << answer.body;
      EXPECT_FALSE(answer.header("retry-after").empty());
      EXPECT_NE(answer.body.find("stored"), std::string::npos) << answer.body;
    }
  }
  EXPECT_LT(acknowledged, 3 * kEvents);
  EXPECT_EQ(count("much"), acknowledged);

  make_space();
  wait_until_ready();
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    const RawResponse again = send(bodies[i], i);
    ASSERT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(object_of(again).at("replayed"), as_json(answers[i].status == 200));
  }
  EXPECT_EQ(count("much"), 3 * kEvents);
  expect_intact();
}

TEST_F(FullDisk, WhatTheControlDatabaseHasNoRoomForIsFinishedWhenThereIs) {
  constexpr int kEvents = 300;
  const std::string text = body(kEvents, "intruder", 1);  // each with an alert, which keeps its event
  const RawResponse refused = send(text, 1);
  EXPECT_EQ(refused.status, 507);
  EXPECT_NE(refused.body.find("not known yet whether"), std::string::npos) << refused.body;
  EXPECT_EQ(count("intruder"), 0);
  EXPECT_EQ(get("/readyz").status, 503);

  make_space();
  wait_until_ready();
  EXPECT_EQ(count("intruder"), kEvents);
  const RawResponse again = send(text, 1);
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(object_of(again).at("replayed"), as_json(true));
  EXPECT_EQ(object_of(again).at("accepted"), as_json(kEvents));
  EXPECT_EQ(count("intruder"), kEvents);
  const std::string metrics = get("/metrics").body;
  EXPECT_NE(metrics.find("\nsightline_batches_recovered_total 1\n"), std::string::npos);
  EXPECT_EQ(metrics.find("\nsightline_repairs_failed_total 0\n"), std::string::npos);
  EXPECT_NE(metrics.find(fmt::format("\nsightline_alerts_opened_total {}\n", kEvents)), std::string::npos);
  expect_intact();
}

}  // namespace
}  // namespace sightline::testing
