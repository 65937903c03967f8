#include "server/verify.h"

#include <gmock/gmock.h>

#include "server/committer.h"
#include "server/pipeline_fixture.h"

namespace sightline::server {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Three batches: two events with one alert; rejected lines only; one event.
class VerifyTest : public PipelineFixture {
 protected:
  void SetUp() override {
    PipelineFixture::SetUp();
    ASSERT_TRUE(ingest(1, "evil\nb"));
    ASSERT_TRUE(ingest(2, "bad"));
    ASSERT_TRUE(ingest(3, "c"));
  }

  // "BATCH kind" a finding.
  std::vector<std::string> findings(VerifyOptions options = {}) {
    const auto report = verify(store_, *control_, options);
    EXPECT_TRUE(report);
    std::vector<std::string> lines;
    for (const Finding& finding : report->findings) {
      EXPECT_FALSE(finding.detail.empty());
      lines.push_back(fmt::format("{} {}", finding.batch, to_string(finding.kind)));
    }
    EXPECT_EQ(report->finding_count, lines.size());
    return lines;
  }

  Event& stored_event(std::uint64_t batch, std::size_t index) {
    return store_.batches().at(batch).events.events().at(index);
  }

  // An edit that gets past the triggers, as someone with the file in hand can make it.
  void edit_control_database(const std::string& text) {
    execute("DROP TRIGGER IF EXISTS manifests_are_final");
    execute("DROP TRIGGER IF EXISTS manifests_stay");
    execute("DROP TRIGGER IF EXISTS audit_log_is_final");
    execute("PRAGMA foreign_keys = OFF");
    execute(text.c_str());
  }
};

TEST_F(VerifyTest, FindsNothingWhereNothingChanged) {
  std::vector<std::uint64_t> seen;
  VerifyOptions options;
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    seen.push_back(done);
    EXPECT_EQ(total, 3U);
  };
  const auto report = verify(store_, *control_, options);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->intact());
  EXPECT_EQ(report->batches, 3U);
  EXPECT_EQ(report->events, 3U);
  EXPECT_EQ(report->alerts, 1U);
  EXPECT_EQ(report->head.number, 3U);
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
}

TEST_F(VerifyTest, FindsOneChangedByteOfAValue) {
  EventBatch& events = store_.batches().at(3).events;
  stored_event(3, 0).fields()[0].text = events.arena().copy("d");
  EXPECT_THAT(findings(), ElementsAre("3 content changed"));
}

TEST_F(VerifyTest, FindsAChangedOriginalAndAChangedTime) {
  EventBatch& events = store_.batches().at(1).events;
  stored_event(1, 1).original = events.arena().copy("c");
  stored_event(3, 0).event_time_ms += 1;
  EXPECT_THAT(findings(), ElementsAre("1 content changed", "3 content changed"));
}

TEST_F(VerifyTest, FindsRowsThatSearchesMayPassOver) {
  store_.batches().at(3).oddity = "event 0: its layout does not say which fields it has";
  EXPECT_THAT(findings(), ElementsAre("3 stored form changed"));
}

TEST_F(VerifyTest, FindsWhatSearchesPassOver) {
  store_.set_search_gaps({"the table of names: values of a stand in the column words, which it does not say"});
  EXPECT_THAT(findings(), ElementsAre("0 passed over by searches"));
}

TEST_F(VerifyTest, FindsMissingExtraAndSwappedEvents) {
  std::vector<Event>& events = store_.batches().at(1).events.events();
  std::swap(events[0], events[1]);
  EXPECT_THAT(findings(), ElementsAre("1 content changed"));
  std::swap(events[0], events[1]);
  events.pop_back();
  EXPECT_THAT(findings(), ElementsAre("1 events missing"));
  store_.batches().erase(3);
  EXPECT_THAT(findings(), ElementsAre("1 events missing", "3 events missing"));
  EventBatch planted;
  copy_event(events[0], planted);
  for (int i = 0; i < 2; ++i) copy_event(planted.events()[0], store_.batches().at(1).events);
  EXPECT_THAT(findings(), ElementsAre("1 extra events", "3 events missing"));
}

TEST_F(VerifyTest, FindsEventsUnderABatchThatHadNone) {
  FakeEventStore::Batch& planted = store_.batches()[2];
  planted.header = store_.batches().at(3).header;
  planted.header.number = 2;
  copy_event(stored_event(3, 0), planted.events);
  EXPECT_THAT(findings(), ElementsAre("2 batch header changed", "2 extra events"));
}

TEST_F(VerifyTest, PinsWhatCannotBeReadToItsBatch) {
  store_.make_unreadable(3);
  EXPECT_THAT(findings(), ElementsAre("3 unreadable"));
}

TEST_F(VerifyTest, ManyUnreadableBatchesAreReportedAsRanges) {
  for (std::uint64_t sequence = 4; sequence <= 100; ++sequence) ASSERT_TRUE(ingest(sequence, "d"));
  store_.make_unreadable_from(4);
  const auto report = verify(store_, *control_, {});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->batches, 100U);
  EXPECT_EQ(report->events, 3U);
  EXPECT_GT(report->finding_count, 1U);
  EXPECT_LT(report->finding_count, 50U);
  EXPECT_EQ(report->findings.front().batch, 4U);
  EXPECT_EQ(report->findings.front().kind, FindingKind::unreadable);
}

TEST_F(VerifyTest, FindsAChangedHeader) {
  store_.batches().at(3).header.key.source = "host-b";
  EXPECT_THAT(findings(), ElementsAre("3 batch header changed"));
}

TEST_F(VerifyTest, FindsBatchesNobodyCommitted) {
  store_.batches()[4].header = {4, {"token:1", "x", 0, 0}, {}, "ndjson", 0};
  EXPECT_THAT(findings(), ElementsAre("4 batch without manifest"));
  VerifyOptions online;
  online.online = true;
  EXPECT_THAT(findings(online), IsEmpty());
}

TEST_F(VerifyTest, FindsRowsThatHaveNoNumber) {
  store_.batches()[0].header = {0, {"token:1", "x", 0, 0}, {}, "ndjson", 0};
  EXPECT_THAT(findings(), ElementsAre("0 batch without manifest"));
}

TEST_F(VerifyTest, FindsAnEditedManifest) {
  edit_control_database("UPDATE manifests SET received_time_ms = received_time_ms + 1 WHERE number = 2");
  EXPECT_THAT(findings(), ElementsAre("2 manifest changed"));
}

TEST_F(VerifyTest, FindsAnEditedLink) {
  edit_control_database("UPDATE manifests SET link = zeroblob(32) WHERE number = 2");
  EXPECT_THAT(findings(), ElementsAre("2 manifest changed", "3 manifest changed"));
}

TEST_F(VerifyTest, FindsARemovedManifest) {
  edit_control_database("DELETE FROM manifests WHERE number = 2");
  EXPECT_THAT(findings(), ElementsAre("2 manifest missing", "3 manifest changed"));
}

TEST_F(VerifyTest, FindsEditedAlertsAndEvidence) {
  edit_control_database("UPDATE alerts SET severity = 3");
  EXPECT_THAT(findings(), ElementsAre("1 alerts changed"));
  edit_control_database("UPDATE alerts SET severity = 1");
  EXPECT_THAT(findings(), IsEmpty());
  edit_control_database("UPDATE alert_events SET json = replace(json, 'evil', 'good')");
  EXPECT_THAT(findings(), ElementsAre("1 alerts changed"));
}

TEST_F(VerifyTest, FindsAnEditedCountOfEvents) {
  edit_control_database("UPDATE alerts SET event_count = 7");
  EXPECT_THAT(findings(), ElementsAre("1 alerts changed"));
}

TEST_F(VerifyTest, FindsPlantedAlertsAndEvidence) {
  const std::string columns = "rule_id, title, severity, created_ms, event_time_ms, agent_id, hostname, tags";
  const std::string plant = "INSERT INTO alerts (id, batch, event_count, " + columns + ") SELECT '{}', {}, 1, " +
                            columns + " FROM alerts LIMIT 1";
  edit_control_database(fmt::format(fmt::runtime(plant), "planted", 2));
  EXPECT_THAT(findings(), ElementsAre("2 alerts changed"));
  edit_control_database("UPDATE alerts SET batch = 9 WHERE id = 'planted'");
  EXPECT_THAT(findings(), ElementsAre("9 alert that no batch opened"));
  edit_control_database("DELETE FROM alerts WHERE id = 'planted'");
  edit_control_database(
      "INSERT INTO alert_events SELECT alert_id, 1, 2, event_id, event_time_ms, '{}' FROM alert_events");
  EXPECT_THAT(findings(), ElementsAre("2 alert that no batch opened"));
}

TEST_F(VerifyTest, FindsAValueOfAnotherType) {
  // Reads as the number it was, and no filter finds it.
  edit_control_database("UPDATE alerts SET severity = '1x'");
  EXPECT_THAT(findings(), ElementsAre("1 unreadable"));
}

TEST_F(VerifyTest, FindsAnIndexThatLacksRows) {
  edit_control_database(
      "PRAGMA writable_schema = ON;"
      "UPDATE sqlite_schema SET sql = 'CREATE INDEX alerts_by_status ON alerts (status, created_ms, id) WHERE id = 1'"
      " WHERE name = 'alerts_by_status';"
      "PRAGMA writable_schema = RESET; REINDEX alerts_by_status; PRAGMA writable_schema = ON;"
      "UPDATE sqlite_schema SET sql = 'CREATE INDEX alerts_by_status ON alerts (status, created_ms, id)'"
      " WHERE name = 'alerts_by_status'; PRAGMA writable_schema = RESET");
  EXPECT_THAT(findings(), Contains("0 control database damaged"));
}

TEST_F(VerifyTest, AStatusMustBeWhatTheAuditLogSays) {
  edit_control_database(
      "UPDATE alerts SET status = 1, dismiss_reason = 2, dismiss_text = '', dismissed_by = 'ana', "
      "dismissed_ms = 5");
  EXPECT_THAT(findings(), ElementsAre("1 alert status changed"));
  edit_control_database(
      "UPDATE alerts SET status = 2, dismiss_reason = NULL, dismiss_text = NULL, "
      "dismissed_by = NULL, dismissed_ms = NULL");
  EXPECT_THAT(findings(), ElementsAre("1 alert status changed"));
  edit_control_database("UPDATE alerts SET status = 0");
  EXPECT_THAT(findings(), IsEmpty());

  ASSERT_TRUE(control_->alerts().dismiss(alerts()[0].id, {alerts::DismissReason::other, "a drill", "ana", kStart}));
  EXPECT_THAT(findings(), IsEmpty());
  for (const char* edit :
       {"dismiss_text = 'a dream'", "dismissed_by = 'ben'", "dismissed_ms = 1", "dismiss_reason = 1", "status = 0"}) {
    edit_control_database("CREATE TABLE kept AS SELECT * FROM alerts");
    edit_control_database(fmt::format("UPDATE alerts SET {}", edit));
    EXPECT_THAT(findings(), ElementsAre("1 alert status changed")) << edit;
    edit_control_database("DELETE FROM alerts; INSERT INTO alerts SELECT * FROM kept; DROP TABLE kept");
  }
  ASSERT_TRUE(control_->alerts().reopen(alerts()[0].id, "ben", kStart));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(VerifyTest, FindsAChainCutShort) {
  // Even where the batch's events go with the manifest.
  edit_control_database("DELETE FROM manifests WHERE number = 3");
  store_.batches().erase(3);
  EXPECT_THAT(findings(), ElementsAre("2 chain cut short"));
  // A batch after it would cover that up.
  EXPECT_FALSE(ingest(4, "d"));
  stop();
  EXPECT_EQ(try_start().error().code, ErrorCode::corrupt);
}

TEST_F(VerifyTest, FindsAnAuditLogCutShort) {
  const std::string id = alerts()[0].id;
  ASSERT_TRUE(control_->alerts().dismiss(id, {alerts::DismissReason::maintenance, "", "ana", kStart}));
  ASSERT_TRUE(control_->alerts().reopen(id, "ana", kStart));
  ASSERT_TRUE(control_->alerts().dismiss(id, {alerts::DismissReason::maintenance, "", "ben", kStart}));
  VerifyOptions noted;
  noted.expect_audit_head = control_->audit_log().end()->last.link;
  EXPECT_THAT(findings(noted), IsEmpty());
  edit_control_database("DROP TRIGGER IF EXISTS audit_log_stays");
  edit_control_database("DELETE FROM audit_log WHERE number > 1");
  edit_control_database("UPDATE alerts SET dismissed_by = 'ana'");
  EXPECT_THAT(findings(), ElementsAre("1 chain cut short"));
  EXPECT_THAT(findings(noted), ElementsAre("1 chain cut short", "0 head not in the audit log"));
  // The entries after it do not cover it up.
  ASSERT_TRUE(control_->alerts().reopen(id, "ana", kStart));
  EXPECT_THAT(findings(), ElementsAre("2 audit log changed"));
}

TEST_F(VerifyTest, StopsWhenTold) {
  std::stop_source source;
  VerifyOptions options;
  options.stop = source.get_token();
  options.progress = [&](std::uint64_t, std::uint64_t) { source.request_stop(); };
  const auto report = verify(store_, *control_, options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
  EXPECT_THAT(report.error().message, ::testing::HasSubstr("of 3 batches"));
}

TEST_F(VerifyTest, FindsARemovedAlert) {
  edit_control_database("DELETE FROM alert_events");
  edit_control_database("DELETE FROM alerts");
  EXPECT_THAT(findings(), ElementsAre("1 alerts changed"));
}

TEST_F(VerifyTest, FindsAnEditedAuditLog) {
  ASSERT_TRUE(control_->alerts().dismiss(alerts()[0].id, {alerts::DismissReason::maintenance, "", "ana", kStart}));
  EXPECT_THAT(findings(), IsEmpty());
  edit_control_database("UPDATE audit_log SET principal = 'ben'");
  EXPECT_THAT(findings(), ElementsAre("1 audit log changed", "1 alert status changed"));
}

TEST_F(VerifyTest, TokensMustBeWhatTheAuditLogSays) {
  control::TokenTable& tokens = control_->tokens();
  const auto made = tokens.create({"shipper", {control::Scope::ingest}, "agent-1", "web"}, "ana", kStart);
  const auto revoked = tokens.create({"old", {control::Scope::search}, "", ""}, "ana", kStart);
  ASSERT_TRUE(made && revoked);
  ASSERT_TRUE(tokens.revoke(revoked->token.id, "ana", kStart + 1));
  ASSERT_TRUE(tokens.authenticate(made->secret, kStart + 2));
  EXPECT_THAT(findings(), IsEmpty());
  for (const char* edit :
       {"secret_hash = zeroblob(32)", "name = 'x'", "scopes = 'admin'", "agent_id = 'agent-2'", "source = ''",
        "created_by = 'ben'", "created_ms = 1", "revoked_ms = 5", "id = '0123456789abcdef'"}) {
    edit_control_database("CREATE TABLE kept AS SELECT * FROM tokens");
    edit_control_database(fmt::format("UPDATE tokens SET {} WHERE name = 'shipper'", edit));
    EXPECT_THAT(findings(), Contains("0 token changed")) << edit;
    edit_control_database("DELETE FROM tokens; INSERT INTO tokens SELECT * FROM kept; DROP TABLE kept");
    EXPECT_THAT(findings(), IsEmpty());
  }
  // Entries of earlier versions say less: such a token is held against what they say.
  edit_control_database("CREATE TABLE kept_log AS SELECT * FROM audit_log");
  edit_control_database("UPDATE audit_log SET detail = 'shipper (ingest)' WHERE detail LIKE 'shipper%'");
  EXPECT_THAT(findings(), ElementsAre("1 audit log changed"));
  edit_control_database("UPDATE tokens SET scopes = 'ingest admin' WHERE name = 'shipper'");
  EXPECT_THAT(findings(), ElementsAre("1 audit log changed", "0 token changed"));
  edit_control_database("UPDATE tokens SET scopes = 'ingest' WHERE name = 'shipper'");
  edit_control_database("DROP TRIGGER audit_log_stays");
  edit_control_database("DELETE FROM audit_log; INSERT INTO audit_log SELECT * FROM kept_log; DROP TABLE kept_log");
  EXPECT_THAT(findings(), IsEmpty());
  edit_control_database("UPDATE tokens SET revoked_ms = NULL");
  EXPECT_THAT(findings(), ElementsAre("0 token changed"));
  edit_control_database("UPDATE tokens SET revoked_ms = 1700000000001 WHERE name = 'old'");
  edit_control_database("DELETE FROM tokens WHERE name = 'shipper'");
  EXPECT_FALSE(findings().empty());
}

TEST_F(VerifyTest, ANotedHeadMustBeInTheChain) {
  VerifyOptions options;
  options.expect_head = (*control_->manifests().read(2))->link;
  EXPECT_THAT(findings(options), IsEmpty());
  options.expect_head = sha256("another");
  EXPECT_THAT(findings(options), ElementsAre("0 head not in the chain"));
}

TEST_F(VerifyTest, ARewrittenChainIsFoundByTheNotedHead) {
  VerifyOptions options;
  options.expect_head = control_->manifests().head()->link;
  // The last batch is replaced, in both databases, by one that fits.
  EventBatch& events = store_.batches().at(3).events;
  stored_event(3, 0).original = events.arena().copy("forged");
  control::Manifest manifest = **control_->manifests().read(3);
  manifest.content_hash = content_hash(events.events());
  const Sha256Digest link = control::chain_link((*control_->manifests().read(2))->link, manifest);
  edit_control_database(fmt::format("UPDATE manifests SET content_hash = x'{}', link = x'{}' WHERE number = 3",
                                    to_hex(manifest.content_hash), to_hex(link)));
  EXPECT_THAT(findings(), ElementsAre("3 chain cut short"));
  edit_control_database(fmt::format("UPDATE chain_heads SET link = x'{}' WHERE chain = 'batches'", to_hex(link)));
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(findings(options), ElementsAre("0 head not in the chain"));
}

}  // namespace
}  // namespace sightline::server
