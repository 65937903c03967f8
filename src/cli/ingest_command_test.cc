#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "cli/testing_io.h"
#include "testing/temporary_directory.h"

namespace sightline::cli {
namespace {

using ::testing::HasSubstr;

HttpResponse accepted(std::uint64_t count, const std::string& rejected = "", const std::string& more = "") {
  return http_answer(200, R"({"accepted":)" + std::to_string(count) + R"(,"rejected":[)" + rejected + "]" + more + "}");
}

class IngestCommand : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& bytes) {
    const std::string path = (directory_.path() / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  static std::string lines(int count) {
    std::string all;
    for (int i = 0; i < count; ++i)
      all += "{\"n\":" + std::to_string(i) + ",\"pad\":\"" + std::string(90, 'x') + "\"}\n";
    return all;
  }

  testing::TemporaryDirectory directory_;
  TestRun sightline_;
};

TEST_F(IngestCommand, SendsAFileWithWhatTheBytesDoNotSay) {
  const std::string file = write("audit.log", "type=EOE msg=audit(1.2:3):\n");
  sightline_.http.answer = [](const SentRequest&) { return accepted(1); };
  EXPECT_EQ(sightline_({"ingest", "-f", "auditd", "--hostname", "web 1", "--agent-id", "a", file}), ExitCode::fine);
  ASSERT_EQ(sightline_.http.sent.size(), 1U);
  const SentRequest& request = sightline_.http.sent[0];
  EXPECT_EQ(request.url, "http://127.0.0.1:8080/v1/ingest/auditd?agent_id=a&hostname=web%201");
  EXPECT_EQ(request.body, "type=EOE msg=audit(1.2:3):\n");
  EXPECT_EQ(request.headers.at("Idempotency-Key").substr(0, 4), "cli/");
  EXPECT_TRUE(request.headers.at("Idempotency-Key").ends_with("/1"));
  EXPECT_EQ(sightline_.out, "accepted 1 event, rejected 0 input lines\n");
}

TEST_F(IngestCommand, LineNumbersAreThoseOfTheFile) {
  const std::string file = write("events.ndjson", lines(100));
  sightline_.http.answer = [](const SentRequest&) { return accepted(9, R"({"line":2,"error":"no\u001bsense"})"); };
  EXPECT_EQ(sightline_({"ingest", "-f", "ndjson", "--batch-size", "1", file}), ExitCode::findings);
  ASSERT_GT(sightline_.http.sent.size(), 5U);
  EXPECT_EQ(sightline_.http.sent[0].url, "http://127.0.0.1:8080/v1/events");
  std::string all;
  std::string expected;
  for (const SentRequest& request : sightline_.http.sent) {
    const auto line = 2 + std::count(all.begin(), all.end(), '\n');
    expected += file + ":" + std::to_string(line) + ": no\\x1bsense\n";
    all += request.body;
  }
  EXPECT_EQ(all, lines(100));
  EXPECT_EQ(sightline_.err, expected);
}

TEST_F(IngestCommand, SameFileGetsTheSameKeysAndOtherBytesOthers) {
  const std::string file = write("events.ndjson", lines(30));
  sightline_.http.answer = [](const SentRequest&) { return accepted(1); };
  const auto keys = [&](const std::vector<std::string>& arguments) {
    sightline_.http.sent.clear();
    std::vector<std::string> all = {"ingest", "-f", "ndjson", "--batch-size", "1"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    sightline_(all);
    std::vector<std::string> found;
    for (const SentRequest& request : sightline_.http.sent) found.push_back(request.headers.at("Idempotency-Key"));
    return found;
  };
  const auto first = keys({file});
  EXPECT_EQ(keys({file}), first);
  EXPECT_NE(keys({write("copy.ndjson", lines(30))}), first);
  EXPECT_NE(keys({"--hostname", "h", file}), first);
  write("events.ndjson", lines(30) + "{\"more\":1}\n");  // grown: what was sent before keeps its keys
  const auto grown = keys({file});
  EXPECT_EQ(grown.front(), first.front());
  EXPECT_NE(grown.back(), first.back());
}

TEST_F(IngestCommand, EveryRunOverAStreamIsANewOne) {
  sightline_.input = "{\"n\":1}\n";
  sightline_.http.answer = [](const SentRequest&) { return accepted(1); };
  sightline_({"ingest", "-f", "ndjson", "-"});
  EXPECT_EQ(sightline_.http.sent.back().headers.at("Idempotency-Key"), "cli/1700000000000/1");
  sightline_.clock.now += 1;
  sightline_({"ingest", "-f", "ndjson", "--source", "web-1", "-"});
  EXPECT_EQ(sightline_.http.sent.back().headers.at("Idempotency-Key"), "web-1/1700000000001/1");
}

TEST_F(IngestCommand, TriesAgainWithTheSameKeyWhileItMaySucceed) {
  const std::string file = write("events.ndjson", lines(1));
  int asked = 0;
  sightline_.http.answer = [&](const SentRequest&) -> Result<HttpResponse> {
    HttpResponse busy = http_answer(503, "{}");
    busy.retry_after_s = 5;
    switch (++asked) {
      case 1:
        return busy;
      case 2:
        return fail(ErrorCode::unavailable, "reset");
      case 3:
        return http_answer(429, "{}");
      default:
        return accepted(1);
    }
  };
  EXPECT_EQ(sightline_({"ingest", "-f", "ndjson", file}), ExitCode::fine);
  EXPECT_EQ(sightline_.slept_ms, (std::vector<std::int64_t>{5000, 1000, 2000}));
  ASSERT_EQ(sightline_.http.sent.size(), 4U);
  for (const SentRequest& request : sightline_.http.sent) {
    EXPECT_EQ(request.headers.at("Idempotency-Key"), sightline_.http.sent[0].headers.at("Idempotency-Key"));
    EXPECT_EQ(request.body, sightline_.http.sent[0].body);
  }
}

TEST_F(IngestCommand, GivesUpInTheEndAndSaysWhere) {
  const std::string file = write("events.ndjson", lines(1));
  sightline_.http.answer = [](const SentRequest&) { return http_answer(503, R"({"error":{"message":"full"}})"); };
  EXPECT_EQ(sightline_({"ingest", "-f", "ndjson", "--retry-for", "10", file}), ExitCode::unreachable);
  EXPECT_LE(sightline_.clock.now, 1700000010000);
  EXPECT_GT(sightline_.http.sent.size(), 2U);
  EXPECT_THAT(sightline_.err, HasSubstr(file + ", from line 1: "));
  EXPECT_THAT(sightline_.out, HasSubstr("accepted 0 events"));
}

TEST_F(IngestCommand, RefusalsAreNotRepeated) {
  const std::string file = write("events.ndjson", lines(1));
  sightline_.http.answer = [](const SentRequest&) { return http_answer(409, R"({"error":{"message":"used"}})"); };
  EXPECT_EQ(sightline_({"ingest", "-f", "ndjson", file}), ExitCode::usage);
  EXPECT_EQ(sightline_.http.sent.size(), 1U);
}

TEST_F(IngestCommand, CompressesForServersElsewhere) {
  const std::string file = write("events.ndjson", lines(50));
  sightline_.http.answer = [](const SentRequest&) { return accepted(50); };
  sightline_({"ingest", "-f", "ndjson", "--server", "https://sightline.example.com", file});
  const SentRequest& request = sightline_.http.sent.at(0);
  EXPECT_EQ(request.headers.at("Content-Encoding"), "gzip");
  EXPECT_LT(request.body.size(), lines(50).size() / 4);
  EXPECT_TRUE(request.body.starts_with("\x1f\x8b"));
}

TEST_F(IngestCommand, SaysWhatWasThereBeforeAsJsonToo) {
  const std::string file = write("events.ndjson", lines(1));
  sightline_.http.answer = [](const SentRequest&) { return accepted(1, "", R"(,"replayed":true,"rejected_count":0)"); };
  sightline_({"ingest", "-f", "ndjson", file});
  EXPECT_EQ(sightline_.out, "accepted 1 event, rejected 0 input lines; 1 of 1 batches were stored before\n");
  sightline_({"ingest", "-f", "ndjson", "-o", "json", file});
  EXPECT_EQ(sightline_.out, "{\"accepted\":1,\"rejected\":0,\"batches\":1,\"replayed_batches\":1,\"retries\":0}\n");
}

TEST_F(IngestCommand, RefusesWhatItCannotDo) {
  EXPECT_EQ(sightline_({"ingest", "-f", "runes", "x"}), ExitCode::usage);
  EXPECT_THAT(sightline_.err, HasSubstr("supported: auditd, cloudtrail, journald"));
  EXPECT_EQ(sightline_({"ingest", "-f", "ndjson", (directory_.path() / "none").string()}), ExitCode::unreachable);
  EXPECT_EQ(sightline_({"ingest", "-f", "ndjson", "--source", "a/b", "x"}), ExitCode::usage);
  EXPECT_EQ(sightline_({"ingest", "-f", "ndjson", "--batch-size", "0", "x"}), ExitCode::usage);
  EXPECT_EQ(sightline_({"ingest", "-f", "ndjson"}), ExitCode::usage);
}

}  // namespace
}  // namespace sightline::cli
