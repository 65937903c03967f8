// decode, detect, rules, query and fields: the commands that need no server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>

#include "cli/testing_io.h"
#include "cli/uploader.h"
#include "testing/temporary_directory.h"

namespace sightline::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kRule = R"(
id: secret-read
title: "{{user}} read a secret"
severity: 2
filter: eventName = "GetSecretValue"
tags: [attack.t1555.006]
tests:
  - name: reads it
    fires: true
    format: cloudtrail
    input: '{"eventName":"GetSecretValue","eventTime":"2024-07-31T12:46:41Z"}'
  - name: lists them
    fires: false
    format: cloudtrail
    input: '{"eventName":"ListSecrets","eventTime":"2024-07-31T12:46:41Z"}'
)";

constexpr const char* kTrail =
    R"({"Records":[{"eventName":"ListSecrets","eventTime":"2024-07-31T12:46:40Z"},)"
    R"({"eventName":"GetSecretValue","eventTime":"2024-07-31T12:46:41Z","sourceIPAddress":"10.0.0.1"}]})";

std::string zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

// One event of each format, as its sources write it.
std::string sample_of(sources::Format format) {
  switch (format) {
    case sources::Format::auditd:
      return "type=USER_CMD msg=audit(1600362924.551:4490): pid=1 uid=0 msg='cmd=\"id\" res=success'\n";
    case sources::Format::cloudtrail:
      return R"({"Records":[{"eventName":"ListSecrets","eventTime":"2024-07-31T12:46:40Z"}]})";
    case sources::Format::journald:
      return "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1722430001000000\nMESSAGE=x\n\n";
    case sources::Format::kubernetes:
      return R"({"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get"})";
    case sources::Format::laurel:
      return "{\"ID\":\"1600362902.289:1\",\"CWD\":{\"cwd\":\"/\"}}\n";
    case sources::Format::ndjson:
      return "{\"log\":\"x\"}\n";
    case sources::Format::syslog:
      return "Feb  3 04:05:06 web app: x\n";
    case sources::Format::winevent:
      return R"({"Event":{"System":{"EventID":1}}})";
  }
  return {};
}

class OfflineCommands : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) {
    const std::string path = (directory_.path() / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  testing::TemporaryDirectory directory_;
  TestRun sightline_;
};

TEST_F(OfflineCommands, DecodePrintsEventsAndNamesWhatDoesNotDecode) {
  sightline_.input = "{\"event_type\":\"host\",\"n\":1.50}\nnonsense\n{\"event_type\":\"host\",\"n\":2}\n";
  EXPECT_EQ(sightline_({"decode", "--format", "ndjson", "-"}), ExitCode::findings);
  EXPECT_EQ(std::ranges::count(sightline_.out, '\n'), 2);
  EXPECT_THAT(sightline_.out, HasSubstr(R"("event_type":"host")"));
  EXPECT_THAT(sightline_.out, HasSubstr(R"("original":"{\"event_type\":\"host\",\"n\":1.50}")"));
  EXPECT_THAT(sightline_.err, StartsWith("standard input:2: "));
  EXPECT_THAT(sightline_.err, HasSubstr("1 input did not decode"));
}

TEST_F(OfflineCommands, DecodeReadsGzip) {
  const std::string file = write("trail.json.gz", gzip(kTrail));
  EXPECT_EQ(sightline_({"decode", "-f", "cloudtrail", "--no-original", file}), ExitCode::fine);
  EXPECT_EQ(std::ranges::count(sightline_.out, '\n'), 2);
  EXPECT_EQ(sightline_.out.find("original"), std::string::npos);
  EXPECT_EQ(sightline_.err, "");
}

TEST_F(OfflineCommands, TheFormatIsFoundByTheBeginning) {
  const std::string log = write("auth.log", "\nFeb  3 04:05:06 web sshd[7]: x\nFeb  3 04:05:07 web sshd[7]: y\n");
  const std::string trail = write("trail.json.gz", gzip(kTrail));
  EXPECT_EQ(sightline_({"decode", "-f", "auto", log, trail}), ExitCode::fine);
  EXPECT_THAT(sightline_.err, HasSubstr("auth.log is taken for syslog\n"));
  EXPECT_THAT(sightline_.err, HasSubstr("trail.json.gz is taken for cloudtrail\n"));
  EXPECT_EQ(std::ranges::count(sightline_.out, '\n'), 4);
  EXPECT_EQ(sightline_({"decode", "-f", "auto", write("empty", "")}), ExitCode::fine);
  EXPECT_EQ(sightline_({"decode", "-f", "auto", write("x", "hello\n")}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("does not begin like any format; name it with --format: auditd"));
}

TEST_F(OfflineCommands, EveryFormatIsFoundInEveryCompression) {
  for (const sources::Format format : sources::all_formats()) {
    const std::string name(to_string(format));
    const std::string sample = sample_of(format);
    ASSERT_EQ(sightline_({"decode", "-f", name, write("plain", sample)}), ExitCode::fine) << sightline_.err;
    const std::string events = sightline_.out;
    EXPECT_EQ(std::ranges::count(events, '\n'), 1) << name;
    for (const std::string& bytes : {sample, gzip(sample), zstd(sample)}) {
      EXPECT_EQ(sightline_({"decode", "-f", "auto", write("input", bytes)}), ExitCode::fine) << sightline_.err;
      EXPECT_EQ(sightline_.out, events);
      EXPECT_THAT(sightline_.err, HasSubstr("input is taken for " + name + "\n"));
    }
  }
}

TEST_F(OfflineCommands, TheReferenceTimeSettlesTheYear) {
  const std::string file = write("auth.log", "Feb  3 04:05:06 web app: x\n");
  EXPECT_EQ(sightline_({"decode", "-f", "syslog", file}), ExitCode::fine);  // the clock says 2023-11-14
  EXPECT_THAT(sightline_.out, HasSubstr("\"event_time\":1675397106000"));
  EXPECT_EQ(sightline_({"decode", "-f", "syslog", "--reference-time", "2019-03-01", file}), ExitCode::fine);
  EXPECT_THAT(sightline_.out, HasSubstr("\"event_time\":1549166706000"));
  EXPECT_EQ(sightline_({"decode", "-f", "syslog", "--reference-time", "once", file}), ExitCode::usage);
}

TEST_F(OfflineCommands, DecodeNamesTheFormatsThereAre) {
  EXPECT_EQ(sightline_({"decode", "--format", "syslogd", "-"}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("supported: auditd, cloudtrail, journald"));
  EXPECT_EQ(sightline_({"decode", "--format", "auditd", directory_.path().string()}), ExitCode::unreachable);
}

TEST_F(OfflineCommands, DetectPrintsMatches) {
  const std::string rules = write("rule.yaml", kRule);
  sightline_.input = kTrail;
  EXPECT_EQ(sightline_({"detect", "--rules", rules, "-f", "cloudtrail", "-", "--stats"}), ExitCode::fine);
  EXPECT_EQ(std::ranges::count(sightline_.out, '\n'), 1);
  EXPECT_THAT(sightline_.out, StartsWith("{"));
  EXPECT_THAT(sightline_.out, HasSubstr(R"("rule_id":"secret-read")"));
  EXPECT_THAT(sightline_.out, HasSubstr(R"("event_index":1)"));
  EXPECT_THAT(sightline_.err, HasSubstr(R"("events":2)"));
}

TEST_F(OfflineCommands, DetectFailsWhereARuleDoesNotLoad) {
  write("good.yaml", kRule);
  write("bad.yaml", "id: bad\ntitle: x\nseverity: 1\nfilter: usr = \"x\"\n");
  sightline_.input = kTrail;
  EXPECT_EQ(sightline_({"detect", "-r", directory_.path().string(), "-f", "cloudtrail", "-"}), ExitCode::usage);
  EXPECT_THAT(sightline_.out, HasSubstr("secret-read"));
  EXPECT_THAT(sightline_.err, HasSubstr("bad.yaml:4"));
}

TEST_F(OfflineCommands, RulesAreCheckedTestedAndListed) {
  const std::string rules = write("rule.yaml", kRule);
  EXPECT_EQ(sightline_({"rules", "check", rules}), ExitCode::fine);
  EXPECT_EQ(sightline_.out, "loaded 1 rule, 0 problems\n");
  EXPECT_EQ(sightline_({"rules", "test", rules}), ExitCode::fine) << sightline_.out << sightline_.err;
  EXPECT_EQ(sightline_.out, "2 passed, 0 failed, of 1 rule\n");
  EXPECT_EQ(sightline_({"rules", "list", rules}), ExitCode::fine);
  EXPECT_THAT(sightline_.out, HasSubstr("secret-read  2 medium"));
}

TEST_F(OfflineCommands, SigmaHasPlaceholdersAndMappingsFromFiles) {
  const std::string rule = write("rule.yml",
                                 "title: T\nid: r\nlogsource: {category: badge}\ntags: [attack.t1078]\n"
                                 "detection: {s: {holder|expand: '%Admins%'}, condition: s}\n");
  const std::string admins = write("Admins.txt", "root\nadm_*\n");
  const std::string mapping =
      write("badges.yaml", "logsources: [{category: badge}]\nevents: event_type = \"host\"\nfields: {holder: user}\n");
  sightline_.input = "{\"user\":\"bob\"}\n{\"user\":\"adm_7\"}\n";
  EXPECT_EQ(
      sightline_({"detect", "-r", rule, "--placeholders", admins, "--sigma-mapping", mapping, "-f", "ndjson", "-"}),
      ExitCode::fine)
      << sightline_.err;
  EXPECT_EQ(std::ranges::count(sightline_.out, '\n'), 1);
  EXPECT_THAT(sightline_.out, HasSubstr(R"("event_index":1)"));
  EXPECT_EQ(sightline_({"rules", "check", rule, "--placeholders", admins}), ExitCode::fine);
  EXPECT_EQ(sightline_.out, "loaded 1 rule (1 inactive), 0 problems\n");
  EXPECT_EQ(sightline_({"rules", "check", rule}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("placeholder %Admins% has no values"));
  EXPECT_EQ(sightline_({"rules", "check", rule, "--placeholders", write("More.txt", "# none\n")}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("More.txt:1:1: the file has no value"));
}

TEST_F(OfflineCommands, RuleTestsThatFailAreFindings) {
  std::string wrong(kRule);
  wrong.replace(wrong.find("fires: false"), 12, "fires: true");
  const std::string rules = write("rule.yaml", wrong);
  EXPECT_EQ(sightline_({"rules", "test", rules}), ExitCode::findings);
  EXPECT_THAT(sightline_.out, HasSubstr("FAILED"));
  EXPECT_THAT(sightline_.out, HasSubstr("1 passed, 1 failed"));
  EXPECT_EQ(sightline_({"rules", "check", (directory_.path() / "none").string()}), ExitCode::usage);
}

TEST_F(OfflineCommands, RulesThatLackTestsAreNamedAndOutcomesGoToAReport) {
  std::string one_sided(kRule);
  one_sided.resize(one_sided.find("  - name: lists them"));
  const std::string rules = write("rule.yaml", one_sided);
  const std::string report = (directory_.path() / "report.xml").string();
  EXPECT_EQ(sightline_({"rules", "test", rules, "--junit", report}), ExitCode::fine);
  EXPECT_THAT(sightline_.err, HasSubstr("rule secret-read lacks an event it just does not fire on"));
  EXPECT_THAT(sightline_.out, HasSubstr("(1 without a firing or a near-miss test)"));
  std::ifstream file(report);
  const std::string xml{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(xml, HasSubstr(R"(<testcase classname="secret-read" name="reads it" line="8" />)"));
  EXPECT_EQ(sightline_({"rules", "test", rules, "--junit", "/nowhere/report.xml"}), ExitCode::unreachable);
}

TEST_F(OfflineCommands, DoubtsAboutRulesAreNamedAndNoMistakes) {
  std::string narrow(kRule);
  narrow.replace(narrow.find("id: secret-read"), 15, "id: secret-read-narrow");
  narrow.replace(narrow.find("filter: "), 8, "filter: awsRegion = 'x' AND ");
  write("wide.yaml", kRule);
  write("narrow.yaml", narrow);
  EXPECT_EQ(sightline_({"rules", "check", directory_.path().string()}), ExitCode::fine);
  EXPECT_THAT(sightline_.err, HasSubstr("rule secret-read-narrow: only fires where rule secret-read fires too"));
  EXPECT_EQ(sightline_.out, "loaded 2 rules, 0 problems, 1 doubt\n");
}

TEST_F(OfflineCommands, RulesAreExplained) {
  const std::string rules = write("rule.yaml", kRule);
  const std::string trail = write("trail.json", kTrail);
  EXPECT_EQ(sightline_({"rules", "explain", "secret-read", trail, "-r", rules, "-f", "cloudtrail"}),
            ExitCode::findings);
  EXPECT_EQ(sightline_.out,
            "rule secret-read does not fire on event 0\nno   eventName = \"GetSecretValue\"   ListSecrets\n");
  EXPECT_EQ(sightline_({"rules", "explain", "secret-read", trail, "-r", rules, "-f", "cloudtrail", "--event", "1"}),
            ExitCode::fine);
  EXPECT_THAT(sightline_.out, StartsWith("rule secret-read fires on event 1\nyes"));
  EXPECT_EQ(sightline_({"rules", "explain", "secret-read", trail, "-r", rules, "-f", "cloudtrail", "-o", "json"}),
            ExitCode::findings);
  EXPECT_THAT(sightline_.out,
              HasSubstr(R"("fires":false,"filter":{"text":"eventName = \"GetSecretValue\"","holds":false)"));
  EXPECT_EQ(sightline_({"rules", "explain", "other", trail, "-r", rules, "-f", "cloudtrail"}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("no rule other has loaded"));
  EXPECT_EQ(sightline_({"rules", "explain", "secret-read", trail, "-r", rules, "-f", "cloudtrail", "--event", "2"}),
            ExitCode::usage);
}

TEST_F(OfflineCommands, QueriesAreCheckedAndExplained) {
  EXPECT_EQ(sightline_({"query", "check", "user = \"root\" AND event_time >= now-1h"}), ExitCode::fine);
  EXPECT_EQ(sightline_({"query", "check", "usr = \"root\""}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("  usr = \"root\"\n  ^~~\n"));
  EXPECT_EQ(sightline_({"query", "explain", "not user like 'svc-*'"}), ExitCode::fine);
  EXPECT_THAT(sightline_.out, StartsWith("NOT user like \"svc-*\"\n"));
}

TEST_F(OfflineCommands, FieldsShowTheSchema) {
  EXPECT_EQ(sightline_({"fields", "--group", "login"}), ExitCode::fine);
  EXPECT_THAT(sightline_.out, HasSubstr("key_fingerprint"));
  EXPECT_EQ(sightline_({"fields", "--markdown"}), ExitCode::fine);
  EXPECT_THAT(sightline_.out, HasSubstr("| `key_fingerprint` |"));
}

TEST_F(OfflineCommands, EveryCommandHasHelpWithExamples) {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"search"},
                                                          {"alerts"},
                                                          {"alerts", "list"},
                                                          {"alerts", "show"},
                                                          {"alerts", "events"},
                                                          {"alerts", "dismiss"},
                                                          {"alerts", "reopen"},
                                                          {"ingest"},
                                                          {"status"},
                                                          {"quarantine"},
                                                          {"quarantine", "list"},
                                                          {"verify"},
                                                          {"token"},
                                                          {"token", "create"},
                                                          {"token", "list"},
                                                          {"token", "revoke"},
                                                          {"decode"},
                                                          {"detect"},
                                                          {"rules"},
                                                          {"rules", "check"},
                                                          {"rules", "test"},
                                                          {"rules", "list"},
                                                          {"rules", "explain"},
                                                          {"query"},
                                                          {"query", "check"},
                                                          {"query", "explain"},
                                                          {"fields"}};
  for (std::vector<std::string> command : commands) {
    std::string path = "sightline";
    for (const std::string& word : command) path += " " + word;
    command.emplace_back("--help");
    EXPECT_EQ(sightline_(command), ExitCode::fine);
    EXPECT_THAT(sightline_.out, HasSubstr("Usage: " + path)) << path;
    EXPECT_THAT(sightline_.out, HasSubstr("xample")) << path;
    EXPECT_EQ(sightline_.err, "");
  }
}

TEST_F(OfflineCommands, WrongUsageSaysWhereHelpIs) {
  EXPECT_EQ(sightline_({}), ExitCode::usage);
  EXPECT_EQ(sightline_({"frobnicate"}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("there is no command \"frobnicate\""));
  EXPECT_EQ(sightline_({"alerts", "drop"}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("hint: sightline alerts --help"));
  EXPECT_EQ(sightline_({"search"}), ExitCode::usage);
  EXPECT_EQ(sightline_({"search", "x", "--output", "xml"}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("xml is none of table|json|ndjson"));
  EXPECT_EQ(sightline_({"--version"}), ExitCode::fine);
  EXPECT_THAT(sightline_.out, StartsWith("sightline "));
}

}  // namespace
}  // namespace sightline::cli
