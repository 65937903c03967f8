#include "control/control_store.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "testing/temporary_directory.h"

namespace sightline::control {
namespace {

BatchCommit batch_of(std::uint64_t sequence, std::string_view body = "body") {
  BatchCommit batch;
  batch.manifest.key = {"token:1", "host-a", 7, sequence};
  batch.manifest.body_hash = sha256(body);
  batch.manifest.format = "ndjson";
  batch.manifest.received_time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(sequence);
  batch.manifest.event_count = 3;
  batch.manifest.content_hash = sha256("content");
  batch.answer = StoredAnswer{3, 0, {}};
  return batch;
}

alerts::Alert alert_of(std::string id) {
  alerts::Alert alert;
  alert.id = std::move(id);
  alert.rule_id = "rule";
  alert.title = "title";
  alert.severity = 2;
  alert.created_ms = 5;
  alert.tags = {"attack.t1552", "quote\" and \\ and ünicode"};
  alert.event_count = 1;
  alert.events.push_back({EventId{1}, 4, R"({"id":"01"})"});
  return alert;
}

class ControlStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }

  void reopen(ControlOptions options = {}) {
    store_.reset();
    auto opened = ControlStore::open(directory_.path(), options);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  Result<CommitOutcome> commit(std::uint64_t after, BatchCommit batch) {
    return store_->commit(after, std::span(&batch, 1), {});
  }

  SQLite::Database raw() { return SQLite::Database(file().string(), SQLite::OPEN_READWRITE); }
  std::filesystem::path file() const { return directory_.path() / "control.db"; }

  sightline::testing::TemporaryDirectory directory_;
  std::unique_ptr<ControlStore> store_;
};

TEST_F(ControlStoreTest, AFreshStoreHasNoHead) {
  const auto head = store_->manifests().head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->number, 0U);
  EXPECT_EQ(head->link, Sha256Digest{});
}

TEST_F(ControlStoreTest, ManifestsAreNumberedAndChained) {
  std::vector<BatchCommit> batches{batch_of(1), batch_of(2)};
  const auto outcome = store_->commit(0, batches, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->head.number, 2U);
  reopen();
  const auto stored = store_->manifests().read_range(1, 10);
  ASSERT_TRUE(stored);
  ASSERT_EQ(stored->size(), 2U);
  EXPECT_EQ(stored->at(0).link, chain_link({}, stored->at(0)));
  EXPECT_EQ(stored->at(1).link, chain_link(stored->at(0).link, stored->at(1)));
  EXPECT_EQ(store_->manifests().head()->link, stored->at(1).link);
}

TEST_F(ControlStoreTest, EveryMemberOfAManifestIsInItsLink) {
  const Manifest original = batch_of(1).manifest;
  const Sha256Digest link = chain_link({}, original);
  const auto differs = [&](auto change) {
    Manifest changed = original;
    change(changed);
    return chain_link({}, changed) != link;
  };
  EXPECT_TRUE(differs([](Manifest& m) { m.number = 9; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.key.principal = "token:2"; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.key.source = "host-b"; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.key.epoch = 8; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.key.sequence = 2; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.body_hash[0] ^= 1; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.format = "auditd"; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.received_time_ms += 1; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.event_count += 1; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.recovered = true; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.content_hash[31] ^= 1; }));
  EXPECT_TRUE(differs([](Manifest& m) { m.alerts_hash[31] ^= 1; }));
  EXPECT_NE(chain_link(sha256("other"), original), link);
}

TEST_F(ControlStoreTest, FindsABatchByItsWholeKey) {
  ASSERT_TRUE(commit(0, batch_of(UINT64_MAX)));
  BatchKey key = batch_of(UINT64_MAX).manifest.key;
  const auto found = store_->manifests().find(key);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->key, key);
  EXPECT_EQ((*found)->body_hash, sha256("body"));
  key.principal = "token:2";
  EXPECT_FALSE(*store_->manifests().find(key));
}

TEST_F(ControlStoreTest, ACommitThatFailsWritesNothing) {
  BatchCommit first = batch_of(1);
  first.alerts.push_back(alert_of("a1"));
  BatchCommit same_key = batch_of(1);
  std::vector<BatchCommit> batches{first, same_key};
  EXPECT_FALSE(store_->commit(0, batches, {}));
  EXPECT_EQ(store_->manifests().head()->number, 0U);
  EXPECT_FALSE(*store_->alerts().exists("a1"));
}

TEST_F(ControlStoreTest, ACommitAfterAnotherHeadIsRefused) {
  ASSERT_TRUE(commit(0, batch_of(1)));
  const auto refused = commit(0, batch_of(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST_F(ControlStoreTest, AnAlertIsStoredOnceAndHashedWhereItWas) {
  BatchCommit first = batch_of(1);
  first.alerts = {alert_of("b"), alert_of("a"), alert_of("b")};
  BatchCommit second = batch_of(2);
  second.alerts = {alert_of("a")};
  std::vector<BatchCommit> batches{first, second};
  const auto outcome = store_->commit(0, batches, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->alerts_opened, 2U);
  const auto opened = store_->alerts().opened_by_batch(1);
  ASSERT_TRUE(opened);
  ASSERT_EQ(opened->size(), 2U);
  EXPECT_EQ(opened->at(0).tags, alert_of("a").tags);
  EXPECT_EQ(hash_alerts(*opened), (*store_->manifests().read(1))->alerts_hash);
  EXPECT_EQ((*store_->manifests().read(2))->alerts_hash, Sha256Digest{});
}

TEST_F(ControlStoreTest, StateRowsAreSetAndRemoved) {
  std::vector<BatchCommit> one{batch_of(1)};
  const std::vector<StateRow> set{{"k1", std::string("v\0w", 3)}, {"k2", "x"}};
  ASSERT_TRUE(store_->commit(0, one, set));
  std::vector<BatchCommit> two{batch_of(2)};
  const std::vector<StateRow> remove{{"k2", std::nullopt}};
  ASSERT_TRUE(store_->commit(1, two, remove));
  const auto state = store_->detector_state();
  ASSERT_TRUE(state);
  ASSERT_EQ(state->size(), 1U);
  EXPECT_EQ(state->at(0).value, std::string("v\0w", 3));
}

TEST_F(ControlStoreTest, AnswersComeBackAsGiven) {
  BatchCommit batch = batch_of(1);
  batch.answer = StoredAnswer{3, 5, {{4, "not JSON"}, {9, "cut"}}};
  ASSERT_TRUE(commit(0, batch));
  ASSERT_TRUE(commit(1, batch_of(2)));
  const auto answer = store_->manifests().answer(1);
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->rejected, batch.answer->rejected);
  EXPECT_EQ((*answer)->rejected_count, 5U);
  EXPECT_EQ((*store_->manifests().answer(2))->accepted, 3U);
}

TEST_F(ControlStoreTest, ARecoveredBatchHasNoAnswerUntilItIsCompleted) {
  BatchCommit batch = batch_of(1);
  batch.manifest.recovered = true;
  batch.answer.reset();
  ASSERT_TRUE(commit(0, batch));
  EXPECT_FALSE(*store_->manifests().answer(1));
  const Manifest manifest = **store_->manifests().read(1);
  const StoredAnswer answer{3, 1, {{2, "bad"}}};
  const std::vector<sources::Rejected> rejected{{2, "bad", "xx", 2}};
  ASSERT_TRUE(store_->complete_answer(manifest, answer, rejected));
  ASSERT_TRUE(store_->complete_answer(manifest, answer, rejected));
  EXPECT_EQ((*store_->manifests().answer(1))->rejected, answer.rejected);
  EXPECT_EQ(store_->quarantine().list({}, 10)->size(), 1U);
}

TEST_F(ControlStoreTest, OldAnswersLoseTheirLines) {
  reopen({.kept_answers = 1});
  BatchCommit batch = batch_of(1);
  batch.answer = StoredAnswer{3, 1, {{4, "not JSON"}}};
  ASSERT_TRUE(commit(0, batch));
  EXPECT_TRUE(*store_->manifests().answer(1));
  ASSERT_TRUE(commit(1, batch_of(2)));
  EXPECT_FALSE(*store_->manifests().answer(1));
}

TEST_F(ControlStoreTest, ManifestsAndAuditLogCannotBeChangedByStatement) {
  ASSERT_TRUE(commit(0, batch_of(1)));
  ASSERT_TRUE(store_->audit_log().append({0, 1, "someone", "test", "subject", "", {}}));
  SQLite::Database connection = raw();
  EXPECT_THROW(connection.exec("UPDATE manifests SET event_count = 1"), SQLite::Exception);
  EXPECT_THROW(connection.exec("DELETE FROM manifests"), SQLite::Exception);
  EXPECT_THROW(connection.exec("UPDATE audit_log SET detail = 'x'"), SQLite::Exception);
  EXPECT_THROW(connection.exec("DELETE FROM audit_log"), SQLite::Exception);
}

TEST_F(ControlStoreTest, ANewerDatabaseIsRefusedWithBothVersions) {
  store_.reset();
  raw().exec("PRAGMA user_version = 999");
  const auto opened = ControlStore::open(directory_.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::conflict);
  EXPECT_NE(opened.error().message.find("version 999"), std::string::npos) << opened.error().message;
  EXPECT_NE(opened.error().message.find("up to 5"), std::string::npos) << opened.error().message;
}

TEST_F(ControlStoreTest, SomeoneElsesDatabaseIsRefused) {
  const sightline::testing::TemporaryDirectory other;
  SQLite::Database connection((other.path() / "control.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  connection.exec("CREATE TABLE t (x)");
  const auto opened = ControlStore::open(other.path());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
}

TEST_F(ControlStoreTest, AnUnwritableDirectoryIsAnError) {
  const auto opened = ControlStore::open(directory_.path() / "absent");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
}

TEST_F(ControlStoreTest, FingerprintsAreKeptByBatchUntilForgotten) {
  BatchCommit first = batch_of(1);
  first.new_copies = {{{1, 2, 3}, 0}, {{4, 5, 6}, 70'000}};
  BatchCommit second = batch_of(2);
  second.new_copies = {{{7}, 1}};
  std::vector<BatchCommit> batches{first, second};
  ASSERT_TRUE(store_->commit(0, batches, {}));
  std::vector<BatchFingerprints> seen;
  ASSERT_TRUE(store_->copies().for_each([&](const BatchFingerprints& row) { seen.push_back(row); }));
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].fingerprints.at(1).index, 70'000U);
  EXPECT_EQ(seen[1].received_time_ms, second.manifest.received_time_ms);
  ASSERT_TRUE(store_->copies().forget({2, 99}));
  seen.clear();
  ASSERT_TRUE(store_->copies().for_each([&](const BatchFingerprints& row) { seen.push_back(row); }));
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(store_->copies().horizon()->forgotten_until_ms, 99);
}

}  // namespace
}  // namespace sightline::control
