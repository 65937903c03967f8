// A backup that the first release made (event store of schema version 4, control database of version 3) gives the same
// answers with today's program. first.tar.gz (made by `record`) stays; its answers, too: what they say may not
// change because the program does. A release that changes a format adds a backup of its own beside it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "harness/program.h"
#include "testing/temporary_directory.h"

namespace sightline::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kHead = "adce07cd5e2a26eb3afdca4bedbf7eadfb683b28c156435d171566938ee023e0";
constexpr const char* kAuditHead = "328ec8541237d0e49dc53bb89263990576f75eac916db1818e796e10e281f67f";

const std::vector<std::vector<std::string>>& questions() {
  static const std::vector<std::vector<std::string>> kQuestions = {
      {"search", "| count by event_type"},
      {"search", "event_type = 'login' AND user = 'ubuntu'", "--all", "--output", "ndjson"},
      {"search", "eventName = 'GetObject' AND arnRole = 'assumed-role/myS3Reader/i-03128a5b8b894002a'", "--all",
       "--output", "ndjson"},
      {"search", "dst_ip = '169.254.169.254' AND type = 'connect' | count by exe, hostname"},
      {"search", "requestParameters.bucketName like '*cookies*' | count by eventName"},
      {"search", "own.path = 'value' AND own.number > 3", "--all", "--output", "ndjson"},
      {"search", "masked = 'password-option'", "--all", "--output", "ndjson"},
      {"search", "user = 'ubuntu' | top 5 type"},
      {"search", "event_type = 'audit' AND command = 'sudo'", "--output", "ndjson", "-n", "5"},
      {"alerts", "list", "--limit", "1000", "--output", "ndjson"},
      {"alerts", "list", "--status", "dismissed", "--output", "ndjson"},
      {"quarantine", "list", "--output", "ndjson"},
  };
  return kQuestions;
}

class Upgrade : public ::testing::Test {
 protected:
  void SetUp() override {
    const Outcome unpacked = run_program(
        {"/usr/bin/env", "tar", "-xzf", SIGHTLINE_UPGRADE_DIR "/first.tar.gz", "-C", directory_.path().string()});
    ASSERT_EQ(unpacked.exit_code, 0) << unpacked.err;
    const Outcome restored =
        sightlined({"restore", "--from", (directory_.path() / "backups").string(), "--data", data()});
    ASSERT_EQ(restored.exit_code, 0) << restored.err;
  }
  std::string data() const { return (directory_.path() / "data").string(); }
  static Outcome sightlined(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("sightlined").string());
    return run_program(arguments);
  }

  const TemporaryDirectory directory_;
};

TEST_F(Upgrade, TheChainsLeadThroughTheHeadsThatWereNotedThen) {
  const Outcome verified =
      sightlined({"verify", "--data", data(), "--expect-head", kHead, "--expect-audit-head", kAuditHead});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_EQ(sightlined({"doctor", "--data", data()}).exit_code, 0);
}

TEST_F(Upgrade, TheAnswersAreThoseOfThen) {
  const Outcome made = sightlined({"token", "create", "--data", data(), "--name", "test", "--scope", "admin"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  ServerProcess server(data());
  const std::vector<std::string> environment = {"SIGHTLINE_SERVER=" + server.url(),
                                                "SIGHTLINE_TOKEN=" + made.out.substr(0, made.out.find('\n'))};
  std::string answers;
  for (const std::vector<std::string>& question : questions()) {
    std::vector<std::string> command = {program("sightline").string()};
    command.insert(command.end(), question.begin(), question.end());
    command.insert(command.end(), {"--time-zone", "UTC"});
    const Outcome answer = run_program(command, environment);
    EXPECT_EQ(answer.exit_code, 0) << question[1] << ": " << answer.err;
    answers += fmt::format("# {}\n{}\n", fmt::join(question, " "), answer.out);
  }
  const char* file = SIGHTLINE_UPGRADE_DIR "/first.answers.txt";
  if (std::getenv("SIGHTLINE_UPDATE_GOLDEN") != nullptr) std::ofstream(file, std::ios::binary) << answers;
  std::ifstream stream(file, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_TRUE(answers == expected) << answers;
  // And it goes on.
  const Outcome sent = run_program({program("sightline").string(), "ingest", "--format", "ndjson", "-"}, environment,
                                   "{\"event_time\":1600362902289,\"user\":\"late\"}\n");
  EXPECT_EQ(sent.exit_code, 0) << sent.err;
  const Outcome verified = run_program({program("sightline").string(), "verify"}, environment);
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace sightline::testing
