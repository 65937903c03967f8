// sightline rules push, status, show, history and the rest, against answers as the API gives them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/testing_io.h"
#include "testing/temporary_directory.h"

namespace sightline::cli {
namespace {

using ::testing::HasSubstr;

class RulesPush : public ::testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = directory_.path() / name;
    std::ofstream(path) << text;
    return path.string();
  }
  static std::string rule(std::string_view id) {
    return std::string("id: ").append(id).append("\ntitle: t\nseverity: 2\nfilter: pid = 1\n");
  }

  testing::TemporaryDirectory directory_;
  TestRun sightline;
};

TEST_F(RulesPush, SendsEachRuleOfEachFile) {
  sightline.http.answer = [](const SentRequest& request) {
    if (request.url.ends_with("/b")) return http_answer(200, R"({"id":"b","outcome":"changed","version":4})");
    if (request.url.ends_with("/c")) return http_answer(200, R"({"id":"c","outcome":"unchanged","version":2})");
    return http_answer(201, R"({"id":"a","outcome":"created","version":1})");
  };
  write("one.yaml", rule("a") + "---\n" + rule("b"));
  write("two.yml", rule("c"));
  EXPECT_EQ(sightline({"rules", "push", directory_.path().string()}), ExitCode::fine);
  ASSERT_EQ(sightline.http.sent.size(), 3U);
  EXPECT_EQ(sightline.http.sent[0].method, "PUT");
  EXPECT_EQ(sightline.http.sent[0].url, "http://127.0.0.1:8080/v1/rules/a");
  EXPECT_EQ(sightline.http.sent[0].body, rule("a"));
  EXPECT_EQ(sightline.http.sent[1].body, rule("b"));
  EXPECT_EQ(sightline.out,
            "a created, version 1\nb changed, version 4\n1 created, 1 changed, 1 unchanged, 0 refused\n");
}

TEST_F(RulesPush, GoesOnAfterARuleThatIsRefused) {
  sightline.http.answer = [](const SentRequest& request) {
    if (request.url.ends_with("/b")) return http_answer(201, R"({"outcome":"created","version":1})");
    return http_answer(409, R"({"error":{"code":"conflict","message":"the rule stands in rules/a.yaml:1"}})");
  };
  const std::string bad = write("0.yaml", "id: x\nnonsense: 1\n");
  const std::string taken = write("a.yaml", rule("a"));
  const std::string fine = write("b.yaml", rule("b"));
  EXPECT_EQ(sightline({"rules", "push", bad, taken, fine}), ExitCode::usage);
  EXPECT_THAT(sightline.err, HasSubstr("unknown key \"nonsense\""));
  EXPECT_THAT(sightline.err, HasSubstr("rule a: "));
  EXPECT_THAT(sightline.err, HasSubstr("the rule stands in rules/a.yaml:1"));
  EXPECT_THAT(sightline.out, HasSubstr("1 created, 0 changed, 0 unchanged, 2 refused\n"));
  sightline({"rules", "push", "--override", fine});
  EXPECT_THAT(sightline.http.sent.back().url, HasSubstr("/v1/rules/b?override=true"));
}

TEST_F(RulesPush, EndsWhereTheServerCannotBeReached) {
  sightline.http.answer = [](const SentRequest&) { return http_answer(401, "{}"); };
  const std::string first = write("a.yaml", rule("a"));
  const std::string second = write("b.yaml", rule("b"));
  EXPECT_EQ(sightline({"rules", "push", first, second}), ExitCode::unreachable);
  EXPECT_EQ(sightline.http.sent.size(), 1U);
}

constexpr const char* kRules =
    R"({"rules":[{"id":"tmp-exec","title":"{{exe}} ran","severity":2,"state":"inactive","reason":"set aside: too dear",)"
    R"("origin":"api","overrides":null,"version":3,"changed":1600362902289,"changed_by":"token:1","fingerprint":"0a1b",)"
    R"("filter":"pid = 1","text":"id: tmp-exec\n","statistics":{"matches":5,"suppressed":1,"last_match":1600362902289,)"
    R"("cpu_seconds":1.5,"cpu_share":0.1234}}],"refused":[]})";

TEST(RulesOnServer, StatusShowsWhatTheyDid) {
  TestRun sightline;
  std::string answer = kRules;
  sightline.http.answer = [&](const SentRequest&) { return http_answer(200, answer); };
  EXPECT_EQ(sightline({"rules", "status", "--time-zone", "UTC"}), ExitCode::fine);
  EXPECT_EQ(sightline.out,
            "id        title        severity  origin  version  matches  suppressed  last match (UTC)            CPU  "
            "state\n"
            "tmp-exec  {{exe}} ran  2 medium  api           3        5           1  2020-09-17 17:15:02.289  12.3 %  "
            "inactive: set aside: too dear\n");
  answer = R"({"rules":[],"refused":[{"id":"x","file":"a.yaml","line":3,"reason":"unknown field usr"}]})";
  EXPECT_EQ(sightline({"rules", "status"}), ExitCode::findings);
  EXPECT_THAT(sightline.out, HasSubstr("refused: a.yaml:3: unknown field usr"));
  answer =
      R"({"rules":[],"refused":[],"not_taken":[{"id":"x","file":"a.yaml","line":3,"reason":"unknown field usr"}]})";
  EXPECT_EQ(sightline({"rules", "status"}), ExitCode::findings);
  EXPECT_THAT(sightline.err, HasSubstr("not taken: a.yaml:3: unknown field usr"));
}

TEST(RulesOnServer, ShowsOneWithItsText) {
  TestRun sightline;
  const std::string all = kRules;
  const std::string one = all.substr(10, all.find("],\"refused\"") - 10);
  sightline.http.answer = [&](const SentRequest&) { return http_answer(200, one); };
  EXPECT_EQ(sightline({"rules", "show", "tmp-exec", "--time-zone", "UTC"}), ExitCode::fine);
  EXPECT_THAT(sightline.out, HasSubstr("state       inactive: set aside: too dear\n"));
  EXPECT_THAT(sightline.out, HasSubstr("version     3, 2020-09-17 17:15:02.289 UTC by token:1\n"));
  EXPECT_THAT(sightline.out, HasSubstr("CPU         1.5 s, 12.3 %\n"));
  EXPECT_TRUE(sightline.out.ends_with("\nid: tmp-exec\n")) << sightline.out;
}

TEST(RulesOnServer, RestoreTakesTheNumberOfAVersionOnly) {
  TestRun sightline;
  for (const char* version : {"", "x", "-1", "1234567890123"}) {
    EXPECT_EQ(sightline({"rules", "restore", "r", version}), ExitCode::usage) << version;
  }
  EXPECT_TRUE(sightline.http.sent.empty());
}

TEST(RulesOnServer, HistoryReadsAllPages) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest& request) {
    if (request.url.ends_with("before=2")) {
      return http_answer(200, R"({"versions":[{"version":1,"changed":1600362902289,"changed_by":"token:1",)"
                              R"("fingerprint":"aa","text":"first\n"}],"before":null})");
    }
    return http_answer(200, R"({"versions":[{"version":2,"changed":1600362903000,"changed_by":"token:2",)"
                            R"("fingerprint":null,"text":null}],"before":2})");
  };
  EXPECT_EQ(sightline({"rules", "history", "r", "--time-zone", "UTC"}), ExitCode::fine);
  EXPECT_EQ(sightline.out,
            "version  made (UTC)               by       fingerprint\n"
            "      2  2020-09-17 17:15:03.000  token:2  removed\n"
            "      1  2020-09-17 17:15:02.289  token:1  aa\n");
  TestRun text;
  text.http.answer = sightline.http.answer;
  EXPECT_EQ(text({"rules", "history", "r", "--version", "1"}), ExitCode::fine);
  EXPECT_EQ(text.out, "first\n");
  EXPECT_EQ(text({"rules", "history", "r", "--version", "9"}), ExitCode::usage);
}

TEST(RulesOnServer, ChangesAreSentAndTold) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) { return http_answer(200, R"({"id":"r","version":7})"); };
  EXPECT_EQ(sightline({"rules", "disable", "r"}), ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.back().method, "PATCH");
  EXPECT_EQ(sightline.http.sent.back().body, R"({"enabled":false})");
  EXPECT_EQ(sightline({"rules", "enable", "r"}), ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.back().body, R"({"enabled":true})");
  EXPECT_EQ(sightline({"rules", "restore", "r", "3"}), ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.back().url, "http://127.0.0.1:8080/v1/rules/r/restore");
  EXPECT_EQ(sightline.http.sent.back().body, R"({"version":3})");
  EXPECT_THAT(sightline.out, HasSubstr("r is restored as version 7\n"));
  EXPECT_EQ(sightline({"rules", "restore", "r", "three"}), ExitCode::usage);
  EXPECT_EQ(sightline({"rules", "remove", "r"}), ExitCode::fine);
  EXPECT_EQ(sightline.http.sent.back().method, "DELETE");
}

}  // namespace
}  // namespace sightline::cli
