#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing_io.h"

namespace sightline::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kLogin =
    R"({"id":"00000000000000000000000000000001","event_time":1600362902289,"event_type":"login","type":"login",)"
    R"("hostname":"web-1","user":"ubuntu","method":"publickey","src_ip":"10.1.2.3","src_port":50123,"original":"x"})";

HttpResponse events(const std::string& list, const std::string& cursor = "null") {
  return http_answer(200, R"({"events":[)" + list + R"(],"took_ms":3,"scanned":10,"cursor":)" + cursor + "}");
}

TEST(SearchCommand, ShowsLoginsAsATable) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) { return events(kLogin); };
  EXPECT_EQ(sightline({"search", "event_type = \"login\"", "--time-zone", "UTC"}), ExitCode::fine);
  EXPECT_EQ(sightline.out,
            "time (UTC)               host   type   user    method     from\n"
            "2020-09-17 17:15:02.289  web-1  login  ubuntu  publickey  10.1.2.3:50123\n");
  EXPECT_EQ(sightline.err, "");
  ASSERT_EQ(sightline.http.sent.size(), 1U);
  EXPECT_EQ(sightline.http.sent[0].method + " " + sightline.http.sent[0].url, "POST http://127.0.0.1:8080/v1/search");
  EXPECT_EQ(sightline.http.sent[0].body, R"({"query":"event_type = \"login\"","limit":100,"time_zone":"UTC"})");
}

TEST(SearchCommand, TelemetryNeverReachesATerminalRaw) {
  const std::string hostile =
      R"({"event_time":1,"event_type":"audit","arguments":"\u001b]0;owned\u0007","user":"a\u009b31m\u202eb"})";
  TestRun sightline;
  sightline.terminal = {.out = true, .err = true, .colour = true, .columns = 120};
  sightline.http.answer = [&](const SentRequest&) { return events(hostile); };
  for (const char* output : {"table", "json", "ndjson"}) {
    sightline({"search", "x", "--output", output, "--time-zone", "UTC"});
    const std::string shown = sightline.out + sightline.err;
    EXPECT_THAT(shown, Not(HasSubstr("\x1b]"))) << output;
    EXPECT_THAT(shown, Not(HasSubstr("\xc2\x9b"))) << output;
    EXPECT_THAT(shown, Not(HasSubstr("\u202e"))) << output;
    EXPECT_THAT(shown, HasSubstr("owned")) << output;
  }
}

TEST(SearchCommand, AllFollowsTheCursor) {
  TestRun sightline;
  int page = 0;
  sightline.http.answer = [&](const SentRequest&) {
    ++page;
    return events("{\"n\":" + std::to_string(page) + "}", page < 3 ? "\"c" + std::to_string(page) + "\"" : "null");
  };
  EXPECT_EQ(sightline({"search", "x", "--all", "-o", "ndjson"}), ExitCode::fine);
  EXPECT_EQ(sightline.out, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
  EXPECT_THAT(sightline.http.sent.at(2).body, HasSubstr(R"("cursor":"c2")"));
  page = 0;
  sightline({"search", "x", "--all", "-o", "json"});
  EXPECT_EQ(sightline.out, "[\n{\"n\":1},\n{\"n\":2},\n{\"n\":3}\n]\n");
}

TEST(SearchCommand, APartSaysThatItIsOne) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) { return events("{\"n\":1}", "\"c\""); };
  sightline({"search", "x", "-o", "ndjson", "-n", "1"});
  EXPECT_THAT(sightline.err, HasSubstr("there are more"));
}

HttpResponse rows(const std::string& list, const std::string& cursor = "null") {
  return http_answer(200,
                     R"({"columns":["a"],"rows":[)" + list + R"(],"took_ms":3,"scanned":10,"cursor":)" + cursor + "}");
}

TEST(SearchCommand, RowsOfFieldsComeInPagesToo) {
  TestRun sightline;
  int page = 0;
  sightline.http.answer = [&](const SentRequest&) {
    ++page;
    return rows("[" + std::to_string(page) + "]", page < 3 ? "\"c" + std::to_string(page) + "\"" : "null");
  };
  EXPECT_EQ(sightline({"search", "\"x\" | fields user", "--all", "-o", "ndjson"}), ExitCode::fine);
  EXPECT_EQ(sightline.out, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
  page = 0;
  sightline({"search", "\"x\" | fields user", "--all", "-o", "json"});
  EXPECT_EQ(sightline.out, "[\n{\"a\":1},\n{\"a\":2},\n{\"a\":3}\n]\n");
  page = 0;
  sightline({"search", "\"x\" | fields user", "-o", "ndjson"});
  EXPECT_EQ(sightline.out, "{\"a\":1}\n");
  EXPECT_THAT(sightline.err, HasSubstr("the newest 1 event; there are more"));
}

TEST(SearchCommand, ALimitInTheQueryIsKept) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) { return events("{\"n\":1},{\"n\":2}", "\"c\""); };
  sightline({"search", "\"x\" | limit 3", "--all", "-o", "ndjson"});
  ASSERT_EQ(sightline.http.sent.size(), 2U);
  EXPECT_THAT(sightline.http.sent[0].body, HasSubstr("\"limit\":3"));
  EXPECT_THAT(sightline.http.sent[1].body, HasSubstr("\"limit\":1"));

  sightline.http.sent.clear();
  sightline({"search", "\"x\" | limit 2", "-o", "ndjson"});
  EXPECT_EQ(sightline.err, "") << "as many as were asked for are no part";
  sightline({"search", "\"x\" | limit 500", "-o", "ndjson"});
  EXPECT_THAT(sightline.http.sent.at(1).body, HasSubstr("\"limit\":500"));
  sightline({"search", "\"x\" | limit 500", "-n", "5", "-o", "ndjson"});
  EXPECT_THAT(sightline.http.sent.at(2).body, HasSubstr("\"limit\":5}"));
  EXPECT_THAT(sightline.err, HasSubstr("there are more"));
}

TEST(SearchCommand, ACountIsOneTable) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) { return rows("[1],[2]"); };
  sightline({"search", "\"x\" | count by user | limit 2", "--all", "-o", "json"});
  EXPECT_EQ(sightline.http.sent.size(), 1U);
  EXPECT_THAT(sightline.out, ::testing::StartsWith("{\"columns\""));
}

TEST(SearchCommand, ALoginIsOfWhoLoggedIn) {
  const auto user_in_table = [](const std::string& members) {
    TestRun sightline;
    sightline.http.answer = [&](const SentRequest&) {
      return events(R"({"event_time":1,"event_type":"login",)" + members + "}");
    };
    sightline({"search", "x", "--time-zone", "UTC"});
    const std::string row = sightline.out.substr(sightline.out.find('\n') + 1);
    const std::size_t begin = row.find_first_not_of(' ', 23);
    return begin == std::string::npos || row[begin] == '\n' ? "" : row.substr(begin, row.size() - begin - 1);
  };
  // sshd runs as root and logs ubuntu in.
  EXPECT_EQ(user_in_table(R"("user":"root","auser":"ubuntu","auid":1000,"target_user":"ubuntu")"), "ubuntu");
  EXPECT_EQ(user_in_table(R"("user":"root","auid":4294967295,"target_user":"admin")"), "admin");
  EXPECT_EQ(user_in_table(R"("user":"root","auser":"ubuntu","auid":1000,"target_user":"root")"), "ubuntu → root");
  EXPECT_EQ(user_in_table(R"("user":"root","auser":"ubuntu","auid":1000)"), "ubuntu");
  EXPECT_EQ(user_in_table(R"("user":"ubuntu")"), "ubuntu");
  EXPECT_EQ(user_in_table(R"("user":"root","auid":4294967295)"), "") << "the service's own";
}

TEST(SearchCommand, TimesAreReadInTheZone) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) { return events(""); };
  sightline({"search", "x", "--from", "now-15m", "--to", "2023-11-14T22:13:20", "--time-zone", "UTC"});
  EXPECT_THAT(sightline.http.sent.at(0).body, HasSubstr(R"("from":1699999100000,"to":1700000000000)"));
  EXPECT_EQ(sightline({"search", "x", "--from", "yesterdayish"}), ExitCode::usage);
  EXPECT_EQ(sightline({"search", "x", "--from", "now", "--to", "now-1h"}), ExitCode::usage);
  EXPECT_THAT(sightline.err, HasSubstr("--from must be earlier"));
}

TEST(SearchCommand, NothingFoundSaysWhereItLooked) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest& request) {
    if (request.url.find("quarantine") != std::string::npos) {
      return http_answer(200, R"({"lines":[],"counts":[{"rejected":3},{"rejected":1200}]})");
    }
    return events("");
  };
  EXPECT_EQ(sightline({"search", "x", "--from", "1600362902289", "--time-zone", "UTC"}), ExitCode::fine);
  EXPECT_EQ(sightline.out, "");
  EXPECT_THAT(sightline.err, HasSubstr("searched from 2020-09-17 17:15:02.289 +0000 to the newest"));
  EXPECT_THAT(sightline.err, HasSubstr("1,203 input lines could not be decoded"));
}

TEST(SearchCommand, SaysWhatRetentionRemovedWhereTheSearchReachesBackThatFar) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) {
    return http_answer(200, R"({"events":[{"n":1}],"cursor":null,)"
                            R"("coverage":{"removed":{"received_before":1600300800000,"batches":2,"events":1200}}})");
  };
  sightline({"search", "x", "--time-zone", "UTC"});
  EXPECT_THAT(sightline.err,
              HasSubstr("received before 2020-09-17 00:00:00.000 +0000 was removed by retention: 1,200 events"));
  sightline({"search", "x", "--from", "1600300799999", "-o", "ndjson"});
  EXPECT_THAT(sightline.err, HasSubstr("removed by retention"));
  sightline({"search", "x", "--from", "1600300800000"});
  EXPECT_EQ(sightline.err, "");
}

TEST(SearchCommand, AggregatesAreTablesToo) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) {
    return http_answer(200, R"({"columns":["user","count"],"rows":[["root",1200],[null,7]],"cursor":null})");
  };
  sightline({"search", "x | count by user"});
  EXPECT_EQ(sightline.out, "user  count\nroot   1200\n          7\n");
  sightline({"search", "x | count by user", "-o", "ndjson"});
  EXPECT_EQ(sightline.out, "{\"user\":\"root\",\"count\":1200}\n{\"user\":null,\"count\":7}\n");
}

TEST(SearchCommand, CountPrintsANumber) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) { return http_answer(200, R"({"columns":["count"],"rows":[[42]]})"); };
  sightline({"search", "user = \"x\"", "--count"});
  EXPECT_EQ(sightline.out, "42\n");
  EXPECT_THAT(sightline.http.sent.at(0).body, HasSubstr(R"(user = \"x\" | count)"));
}

TEST(SearchCommand, MistakesInTheQueryAreMarked) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) {
    return http_answer(400, R"({"error":{"code":"query","message":"m","rendered":"unknown field\n  usr\n  ^~~"}})");
  };
  EXPECT_EQ(sightline({"search", "usr"}), ExitCode::usage);
  EXPECT_EQ(sightline.err, "sightline: unknown field\n  usr\n  ^~~\n");
}

TEST(Connection, SaysWhatToDo) {
  TestRun sightline;
  sightline.http.answer = [](const SentRequest&) {
    return Result<HttpResponse>(fail(ErrorCode::unavailable, "refused"));
  };
  EXPECT_EQ(sightline({"search", "x", "--server", "http://127.0.0.1:9"}), ExitCode::unreachable);
  EXPECT_THAT(sightline.err, HasSubstr("sightlined serve --data DIR --listen 127.0.0.1:9"));
  sightline.http.answer = [](const SentRequest&) { return http_answer(401, R"({"error":{"message":"no"}})"); };
  EXPECT_EQ(sightline({"search", "x"}), ExitCode::unreachable);
  EXPECT_THAT(sightline.err, HasSubstr("DIR/admin.token"));
  sightline.http.answer = [](const SentRequest&) { return http_answer(200, "<html>hello"); };
  EXPECT_EQ(sightline({"search", "x"}), ExitCode::unreachable);
  EXPECT_THAT(sightline.err, HasSubstr("did not answer as a Sightline server"));
}

TEST(Connection, TokenComesFromTheEnvironmentAndNeverGoesOutInTheClear) {
  TestRun sightline;
  sightline.environment = {{"SIGHTLINE_TOKEN", "secret"}, {"SIGHTLINE_SERVER", "https://sightline.example.com/"}};
  sightline.http.answer = [](const SentRequest&) { return events("{\"n\":1}"); };
  sightline({"search", "x"});
  EXPECT_EQ(sightline.http.sent.at(0).headers.at("Authorization"), "Bearer secret");
  EXPECT_EQ(sightline.http.sent.at(0).url, "https://sightline.example.com/v1/search");
  EXPECT_EQ(sightline({"search", "x", "--server", "http://sightline.example.com"}), ExitCode::usage);
  EXPECT_EQ(sightline.http.sent.size(), 1U);
  EXPECT_EQ(sightline({"search", "x", "--token-file", "/nonexistent"}), ExitCode::unreachable);
  EXPECT_EQ(sightline({"search", "x", "--token", "secret"}), ExitCode::usage);
}

TEST(Connection, BusyServersAreAskedAgain) {
  TestRun sightline;
  int asked = 0;
  sightline.http.answer = [&](const SentRequest&) {
    HttpResponse busy = http_answer(429, "{}");
    busy.retry_after_s = 2;
    return ++asked < 3 ? busy : events("{\"n\":1}");
  };
  EXPECT_EQ(sightline({"search", "x", "-o", "ndjson"}), ExitCode::fine);
  EXPECT_THAT(sightline.slept_ms, ElementsAre(2000, 2000));
}

}  // namespace
}  // namespace sightline::cli
