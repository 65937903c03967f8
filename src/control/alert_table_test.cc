#include "control/alert_table.h"

#include <gtest/gtest.h>

#include "control/control_store.h"
#include "testing/temporary_directory.h"

namespace sightline::control {
namespace {

class AlertTableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = std::move(*ControlStore::open(directory_.path()));
    BatchCommit batch;
    batch.manifest.key = {"token:1", "source", 0, 1};
    for (int i = 0; i < 5; ++i) {
      alerts::Alert alert;
      alert.id = std::string(1, static_cast<char>('a' + i));
      alert.rule_id = i % 2 == 0 ? "even" : "odd";
      alert.severity = 1 + i % 3;
      alert.created_ms = 100 + i / 2;  // a and b, c and d share theirs
      alert.agent_id = "agent";
      alert.event_count = 2;
      alert.events = {{EventId{1}, 1, "{}"}, {EventId{2}, 2, R"({"k":"v"})"}};
      batch.alerts.push_back(alert);
    }
    ASSERT_TRUE(store_->commit(0, std::span(&batch, 1), {}));
  }

  AlertTable& table() { return store_->alerts(); }

  std::string ids(const AlertFilter& filter) {
    std::string found;
    const auto page = table().list(filter, 100, std::nullopt);
    for (const alerts::Alert& alert : page->alerts) found += alert.id;
    return found;
  }

  sightline::testing::TemporaryDirectory directory_;
  std::unique_ptr<ControlStore> store_;
};

TEST_F(AlertTableTest, PagesNewestFirstWithoutGapsOrDoubles) {
  std::string seen;
  std::optional<AlertCursor> cursor;
  int pages = 0;
  do {
    const auto page = table().list({}, 2, cursor);
    ASSERT_TRUE(page);
    for (const alerts::Alert& alert : page->alerts) seen += alert.id;
    cursor = page->next;
    ++pages;
  } while (cursor);
  EXPECT_EQ(seen, "edcba");
  EXPECT_EQ(pages, 3);
}

TEST_F(AlertTableTest, Filters) {
  AlertFilter filter;
  filter.rule_id = "odd";
  EXPECT_EQ(ids(filter), "db");
  filter = {};
  filter.severity = 1;
  EXPECT_EQ(ids(filter), "da");
  filter = {};
  filter.from_ms = 101;
  filter.to_ms = 102;
  EXPECT_EQ(ids(filter), "dc");
  filter = {};
  filter.agent_id = "another";
  EXPECT_EQ(ids(filter), "");
  ASSERT_TRUE(table().dismiss("c", {alerts::DismissReason::maintenance, "", "ana", 200}));
  filter = {};
  filter.status = alerts::Status::open;
  EXPECT_EQ(ids(filter), "edba");
  filter.status = alerts::Status::dismissed;
  EXPECT_EQ(ids(filter), "c");
}

TEST_F(AlertTableTest, RefusesPagesOfNoSize) {
  EXPECT_EQ(table().list({}, 0, std::nullopt).error().code, ErrorCode::invalid_input);
  EXPECT_EQ(table().list({}, 1'001, std::nullopt).error().code, ErrorCode::invalid_input);
}

TEST_F(AlertTableTest, ReadsAnAlertWithItsEvents) {
  const auto alert = table().read("b");
  ASSERT_TRUE(alert);
  ASSERT_EQ(alert->events.size(), 2U);
  EXPECT_EQ(alert->events.at(1).json, R"({"k":"v"})");
  EXPECT_EQ(table().read("z").error().code, ErrorCode::not_found);
}

TEST_F(AlertTableTest, DismissingNeedsAReasonAndIsNoted) {
  EXPECT_EQ(table().dismiss("a", {alerts::DismissReason::other, "", "ana", 200}).error().code,
            ErrorCode::invalid_input);
  const auto dismissed = table().dismiss("a", {alerts::DismissReason::other, "a drill", "ana", 200});
  ASSERT_TRUE(dismissed);
  EXPECT_EQ(dismissed->status, alerts::Status::dismissed);
  EXPECT_EQ(dismissed->dismissal->text, "a drill");
  EXPECT_EQ(table().dismiss("a", *dismissed->dismissal).error().code, ErrorCode::conflict);
  const auto reopened = table().reopen("a", "ben", 300);
  ASSERT_TRUE(reopened);
  EXPECT_FALSE(reopened->dismissal);
  EXPECT_EQ(table().reopen("a", "ben", 300).error().code, ErrorCode::conflict);
  EXPECT_EQ(table().dismiss("z", {alerts::DismissReason::maintenance, "", "ana", 1}).error().code,
            ErrorCode::not_found);

  const auto entries = store_->audit_log().read_range(1, 10);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(entries->at(0).action, "alert.dismiss");
  EXPECT_EQ(entries->at(0).detail, "OTHER: a drill");
  EXPECT_EQ(entries->at(1).action, "alert.reopen");
  EXPECT_EQ(entries->at(1).principal, "ben");
}

TEST_F(AlertTableTest, DismissingDoesNotTouchWhatTheChainCovers) {
  const Sha256Digest before = hash_alerts(*table().opened_by_batch(1));
  ASSERT_TRUE(table().dismiss("a", {alerts::DismissReason::maintenance, "", "ana", 200}));
  EXPECT_EQ(hash_alerts(*table().opened_by_batch(1)), before);
  EXPECT_EQ(before, (*store_->manifests().read(1))->alerts_hash);
}

TEST_F(AlertTableTest, Counts) {
  ASSERT_TRUE(table().dismiss("a", {alerts::DismissReason::maintenance, "", "ana", 200}));
  EXPECT_EQ(table().counts()->open, 4U);
  EXPECT_EQ(table().counts()->dismissed, 1U);
}

}  // namespace
}  // namespace sightline::control
