// Real events through a real server: all are stored, and every original comes back byte for byte.
#include "testing/corpora.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "harness/program.h"
#include "http_client/http_client.h"
#include "testing/temporary_directory.h"

namespace sightline {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::Outcome;
using testing::program;
using testing::run_program;
using testing::ServerProcess;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class Corpora : public ::testing::Test {
 protected:
  std::vector<json::object> ingest_and_search(const std::string& format, const std::vector<std::string>& files,
                                              int exit_code) {
    std::vector<std::string> command{program("sightline"), "ingest", "--format", format};
    command.insert(command.end(), files.begin(), files.end());
    const Outcome sent = run_program(command, server_.client_environment());
    EXPECT_EQ(sent.exit_code, exit_code) << sent.out << sent.err;
    const Outcome found =
        run_program({program("sightline"), "search", "", "--all", "--output", "ndjson"}, server_.client_environment());
    EXPECT_EQ(found.exit_code, 0) << found.err;
    std::vector<json::object> events;
    std::istringstream lines(found.out);
    for (std::string line; std::getline(lines, line);) events.push_back(json::parse(line).as_object());
    return events;
  }

  // As the page of the search has it; every hundredth also by a request of its own, which gives the bytes as they are.
  std::string original_of(const json::object& event) {
    const json::value* text = event.if_contains("original");
    if (text == nullptr) return fetch_original(event);
    std::string original(text->as_string());
    if (asked_++ % 100 == 0) {
      EXPECT_EQ(fetch_original(event), original);
    }
    return original;
  }

  std::string fetch_original(const json::object& event) {
    const auto response =
        client_->send({.url = server_.url() + "/v1/events/" + std::string(event.at("id").as_string()) + "/original",
                       .headers = {{"Authorization", "Bearer " + server_.token()}},
                       .body = {},
                       .on_piece = {},
                       .ca_file = {}});
    if (!response || response->status != 200) {
      ADD_FAILURE() << (response ? response->body : response.error().message);
      return "";
    }
    return response->body;
  }

  // Each event's original is one of those sent; takes it out there.
  void expect_among(std::multiset<std::string>& sent, const std::vector<json::object>& events) {
    for (const json::object& event : events) {
      const auto found = sent.find(original_of(event));
      ASSERT_NE(found, sent.end());
      sent.erase(found);
    }
  }

  testing::TemporaryDirectory directory_;
  ServerProcess server_{directory_.path() / "data"};
  std::unique_ptr<HttpClient> client_ = make_curl_client();
  std::size_t asked_ = 0;
};

TEST_F(Corpora, EveryStratusEventComesBack) {
  SIGHTLINE_NEEDS_CORPUS("cloudtrail/stratus");
  std::vector<std::string> files;
  std::string all;
  std::size_t elements = 0;
  for (const auto& entry : fs::directory_iterator(testing::corpora() / "cloudtrail" / "stratus")) {
    if (entry.path().extension() != ".json") continue;
    files.push_back(entry.path());
    all += read_file(entry.path());
    elements += json::parse(read_file(entry.path())).as_array().size();
  }
  ASSERT_EQ(elements, 310U);
  const std::vector<json::object> events = ingest_and_search("cloudtrail", files, 0);
  EXPECT_EQ(events.size(), elements);
  std::size_t same = 0;
  for (const json::object& event : events) {
    const std::string original = original_of(event);
    ASSERT_FALSE(original.empty());
    // Taken out where it stands, so that each element is found once.
    const std::size_t place = all.find(original);
    ASSERT_NE(place, std::string::npos) << original;
    all.replace(place, original.size(), "0");
    EXPECT_EQ(json::parse(original).as_object().at("eventID").as_string(), event.at("eventID").as_string());
    ++same;
  }
  std::cout << same << " of " << elements << " Stratus events came back byte for byte\n";
}

// The events of Panther's tests. Each is the last member of its line: its bytes run to the brace that ends the line.
std::multiset<std::string> panther_events(const std::string& folder) {
  std::multiset<std::string> events;
  std::istringstream lines(read_file(testing::corpora() / folder / "panther" / "tests.ndjson"));
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kBefore = "\"event\": ";
    const std::size_t place = line.find(kBefore) + kBefore.size();
    events.insert(line.substr(place, line.size() - place - 1));
  }
  return events;
}

std::string write_lines(const fs::path& path, const std::multiset<std::string>& lines) {
  std::ofstream file(path, std::ios::binary);
  for (const std::string& line : lines) file << line << '\n';
  return path;
}

TEST_F(Corpora, EveryPantherCloudTrailEventComesBack) {
  SIGHTLINE_NEEDS_CORPUS("cloudtrail/panther/tests.ndjson");
  std::multiset<std::string> sent = panther_events("cloudtrail");
  EXPECT_EQ(sent.size(), 255U);
  // 26 lines are records of other services, which are rejected as that: exit code 1.
  const auto events = ingest_and_search("cloudtrail", {write_lines(directory_.path() / "panther.ndjson", sent)}, 1);
  EXPECT_EQ(events.size(), 229U);
  expect_among(sent, events);
  std::cout << events.size() << " Panther events came back byte for byte; " << sent.size()
            << " lines are no CloudTrail events\n";
}

std::multiset<std::string> login_lines(const std::string& name) {
  std::multiset<std::string> lines;
  std::istringstream stream(read_file(testing::corpora() / "logins" / name));
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.insert(line);
  }
  return lines;
}

TEST_F(Corpora, EveryLineOfTheLoginLogsComesBack) {
  SIGHTLINE_NEEDS_CORPUS("logins/OpenSSH_2k.log");
  std::multiset<std::string> sent = login_lines("OpenSSH_2k.log");
  sent.merge(login_lines("Linux_2k.log"));
  EXPECT_EQ(sent.size(), 4000U);
  const std::string folder = testing::corpora() / "logins";
  const auto events = ingest_and_search("syslog", {folder + "/OpenSSH_2k.log", folder + "/Linux_2k.log"}, 0);
  EXPECT_EQ(events.size(), 4000U);
  expect_among(sent, events);
  EXPECT_TRUE(sent.empty());
  std::cout << events.size() << " lines of login logs came back byte for byte\n";
}

TEST_F(Corpora, EveryPantherKubernetesEventComesBack) {
  SIGHTLINE_NEEDS_CORPUS("kubernetes/panther/tests.ndjson");
  std::multiset<std::string> sent = panther_events("kubernetes");
  EXPECT_EQ(sent.size(), 122U);
  const auto events = ingest_and_search("kubernetes", {write_lines(directory_.path() / "panther.ndjson", sent)}, 1);
  EXPECT_EQ(events.size(), 106U);
  expect_among(sent, events);
  std::cout << events.size() << " Panther events came back byte for byte; " << sent.size()
            << " lines are no Kubernetes audit events\n";
}

TEST_F(Corpora, EveryWindowsEventComesBack) {
  SIGHTLINE_NEEDS_CORPUS("sigma-regression");
  std::vector<std::string> files;
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(testing::corpora() / "sigma-regression")) {
    if (entry.path().extension() != ".json") continue;
    files.push_back(entry.path());
    all += read_file(entry.path());
  }
  EXPECT_EQ(files.size(), 98U);
  const std::vector<json::object> events = ingest_and_search("winevent", files, 0);
  EXPECT_EQ(events.size(), 116U);
  for (const json::object& event : events) {
    const std::string original = original_of(event);
    ASSERT_FALSE(original.empty());
    const std::size_t place = all.find(original);
    ASSERT_NE(place, std::string::npos) << original;
    all.replace(place, original.size(), " ");
  }
  EXPECT_EQ(all.find_first_not_of(" \r\n\t"), std::string::npos);
  std::cout << events.size() << " Windows events of " << files.size() << " files came back byte for byte\n";
}

}  // namespace
}  // namespace sightline
