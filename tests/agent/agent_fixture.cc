#include "agent/agent_fixture.h"

#include <poll.h>

#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <utility>

namespace sightline::testing {

namespace json = boost::json;

namespace {

std::string text_of_file(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

AgentTest::~AgentTest() {
  if (agent_ > 0) end_agent(SIGTERM);
  if (HasFailure()) std::cerr << "the agent's log:\n" << agent_log() << '\n';
}

void AgentTest::start_server() {
  std::filesystem::create_directories(data().parent_path());
  server_ = std::make_unique<ServerProcess>(data(), server_arguments(), std::vector<std::string>{}, port_);
  port_ = server_->port();
}

void AgentTest::start_agent(std::vector<std::string> arguments) {
  std::vector<std::string> command{program("sightline-agent"),
                                   "run",
                                   "--config",
                                   "/dev/null",
                                   "--server",
                                   "http://127.0.0.1:" + std::to_string(port_),
                                   "--token-file",
                                   (data() / "admin.token").string(),
                                   "--agent-id",
                                   "agent-under-test",
                                   "--state-dir",
                                   (directory() / "agent").string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  agent_ = start_program(command, directory() / "agent.log");
}

int AgentTest::end_agent(int signal) { return end_program(std::exchange(agent_, -1), signal); }

std::string AgentTest::agent_log() const { return text_of_file(directory() / "agent.log"); }

void AgentTest::wait_until_delivered(int patience_s) {
  const std::filesystem::path file = directory() / "agent" / "status.json";
  const std::string before = text_of_file(file);
  for (int tenths = 0; tenths < 10 * patience_s; ++tenths) {
    const std::string now = text_of_file(file);
    if (now != before && now.contains("\"waiting_batches\":0,")) return;
    ::poll(nullptr, 0, 100);
  }
  ADD_FAILURE() << "the agent did not deliver all: " << text_of_file(file);
}

json::value AgentTest::ask(const json::object& question) {
  const std::string body = json::serialize(question);
  HttpRequest request;
  request.method = "POST";
  request.url = server_->url() + "/v1/search";
  request.headers = {{"Authorization", "Bearer " + server_->token()}, {"Content-Type", "application/json"}};
  request.body = body;
  const auto response = client_->send(request);
  if (response && response->status == 200) return json::parse(response->body);
  ADD_FAILURE() << body << ": " << (response ? response->body : response.error().message);
  return nullptr;
}

json::array AgentTest::search(std::string_view query) {
  json::array events;
  json::value cursor = nullptr;
  do {
    json::object question{{"query", query}, {"limit", 1000}};
    if (!cursor.is_null()) question["cursor"] = cursor;
    const json::value answer = ask(question);
    if (answer.is_null()) return events;
    for (const json::value& event : answer.at("events").as_array()) events.push_back(event);
    cursor = answer.at("cursor");
  } while (!cursor.is_null());
  std::reverse(events.begin(), events.end());
  return events;
}

json::array AgentTest::search_until(std::string_view query, std::size_t count, int patience_s) {
  for (int tenths = 0;; ++tenths) {
    json::array events = search(query);
    if (events.size() >= count || tenths >= 10 * patience_s || HasFailure()) return events;
    ::poll(nullptr, 0, 100);
  }
}

json::array AgentTest::table(std::string_view query) {
  const json::value answer = ask({{"query", query}});
  return answer.is_null() ? json::array() : answer.at("rows").as_array();
}

std::string text_of(const json::value& event, std::string_view member) {
  const json::value* value = event.as_object().if_contains(member);
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
}

}  // namespace sightline::testing
