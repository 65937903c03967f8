#include "replay/answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"

namespace sightline::replay {
namespace {

// Offsets of the article's investigation from the login on host A, in ms.
constexpr std::int64_t kNarrowWindowMs = 90'475;
constexpr std::int64_t kLaterLoginsMs = 58'711;

void append_reference(std::string& out, const EventFacts& event) {
  out += R"({"file":)";
  append_json_string(out, event.file);
  out += fmt::format(R"(,"time":{})", event.time_ms);
  if (event.cloudtrail_id.empty()) {
    out += fmt::format(R"(,"serial":{})", event.serial);
  } else {
    out += fmt::format(R"(,"eventID":"{}")", event.cloudtrail_id);
  }
  if (event.story != 0) out += fmt::format(R"(,"step":{})", event.story);
  out += '}';
}

// A JSON array, one reference a line.
void append_references(std::string& out, const std::vector<const EventFacts*>& events) {
  out += '[';
  for (std::size_t i = 0; i < events.size(); ++i) {
    out += i == 0 ? "\n    " : ",\n    ";
    append_reference(out, *events[i]);
  }
  out += ']';
}

std::vector<const EventFacts*> select(const ReplayContents& contents,
                                      const std::function<bool(const EventFacts&)>& holds) {
  std::vector<const EventFacts*> found;
  for (const EventFacts& event : contents.events) {
    if (holds(event)) found.push_back(&event);
  }
  std::ranges::stable_sort(found, {}, &EventFacts::time_ms);
  return found;
}

std::string number_or_null(std::optional<std::int64_t> number) { return number ? fmt::to_string(*number) : "null"; }

void append_files(std::string& out, const ReplayContents& contents) {
  out += ",\n\"files\":[";
  for (std::size_t i = 0; i < contents.files.size(); ++i) {
    const ReplayFile& file = contents.files[i];
    out += i == 0 ? "\n  " : ",\n  ";
    out += fmt::format(R"({{"name":"{}","format":"{}","endpoint":"/v1/ingest/{}","gzip":{},)", file.name, file.format,
                       file.format, file.gzip);
    if (file.host) {
      out += fmt::format(R"("agent_id":"{}","hostname":"{}","instance_id":"{}",)", file.host->agent_id, file.host->name,
                         file.host->instance_id);
    }
    out += fmt::format(R"("events":{},"bytes":{}}})", file.events, file.bytes);
  }
  out += ']';
}

void append_story(std::string& out, const ReplayContents& contents) {
  out += ",\n\"story\":[";
  for (const StoryStep& step : story_steps()) {
    out += step.number == 1 ? "\n  " : ",\n  ";
    out += fmt::format(R"({{"step":{},"title":)", step.number);
    append_json_string(out, step.title);
    out += ",\"events\":";
    append_references(out, select(contents, [&](const EventFacts& event) { return event.story == step.number; }));
    out += '}';
  }
  out += ']';
}

void append_queries(std::string& out, const ReplayContents& contents) {
  out += ",\n\"queries\":[";
  bool first = true;
  for (const ExpectedQuery& query : expected_queries(contents)) {
    const auto events = select(contents, [&](const EventFacts& event) {
      return query.holds(event) && (!query.from_ms || event.time_ms >= *query.from_ms) &&
             (!query.to_ms || event.time_ms < *query.to_ms);
    });
    out += first ? "\n  " : ",\n  ";
    first = false;
    out += fmt::format(R"({{"name":"{}","query":)", query.name);
    append_json_string(out, query.query);
    out += fmt::format(R"(,"from":{},"to":{},"count":{},"story_count":{},"events":)", number_or_null(query.from_ms),
                       number_or_null(query.to_ms), events.size(),
                       std::ranges::count_if(events, [](const EventFacts* event) { return event->story != 0; }));
    append_references(out, events);
    out += '}';
  }
  out += ']';
}

void append_alerts(std::string& out, const ReplayContents& contents) {
  out += ",\n\"alerts\":[";
  bool first = true;
  for (const EventFacts* event : select(contents, [](const EventFacts& e) { return !e.rule_id.empty(); })) {
    out += first ? "\n  " : ",\n  ";
    first = false;
    out += fmt::format(R"({{"rule_id":"{}","event":)", event->rule_id);
    append_reference(out, *event);
    out += '}';
  }
  out += ']';
}

}  // namespace

std::vector<ExpectedQuery> expected_queries(const ReplayContents& contents) {
  constexpr std::int64_t kHourMs = 3'600'000;
  const std::int64_t login_ms = contents.login_a_ms;
  const std::int64_t later_second = (login_ms + kLaterLoginsMs) / 1000;
  const std::string arn_a = fmt::format("assumed-role/{}/{}", kRoleA, kInstanceA);
  const std::string arn_b = fmt::format("assumed-role/{}/{}", kRoleB, kInstanceB);
  constexpr std::string_view kAssumedRole = R"(event_type = "cloudtrail" AND userType = "AssumedRole")";
  const auto between = [](std::int64_t first, std::int64_t last, std::string_view agent) {
    return [=](const EventFacts& e) { return e.agent_id == agent && e.time_ms >= first && e.time_ms <= last; };
  };
  const auto window = [](std::int64_t first, std::int64_t last, std::string_view agent) {
    return fmt::format(R"(agent_id = "{}" AND event_time >= {} AND event_time <= {})", agent, first, last);
  };
  std::vector<ExpectedQuery> queries;
  queries.push_back({"logins_on_host_a", fmt::format(R"(event_type = "login" AND agent_id = "{}")", kAgentA),
                     login_ms - kHourMs, login_ms + kHourMs,
                     [](const EventFacts& e) { return e.login && e.agent_id == kAgentA; }});
  queries.push_back({"after_the_login", window(login_ms, login_ms + kNarrowWindowMs, kAgentA), std::nullopt,
                     std::nullopt, between(login_ms, login_ms + kNarrowWindowMs, kAgentA)});
  queries.push_back({"host_a_whole_session", window(login_ms, contents.story_end_ms, kAgentA), std::nullopt,
                     std::nullopt, between(login_ms, contents.story_end_ms, kAgentA)});
  queries.push_back({"assumed_roles", std::string(kAssumedRole), login_ms, contents.story_end_ms,
                     [](const EventFacts& e) { return e.assumed_role; }});
  queries.push_back({"role_of_host_a", fmt::format(R"({} AND arnRole = "{}")", kAssumedRole, arn_a), std::nullopt,
                     std::nullopt, [=](const EventFacts& e) { return e.arn_role == arn_a; }});
  queries.push_back({"later_logins", fmt::format(R"(event_type = "login" AND event_time > {})", later_second),
                     std::nullopt, std::nullopt,
                     [=](const EventFacts& e) { return e.login && e.time_ms >= (later_second + 1) * 1000; }});
  queries.push_back({"host_b_from_there", fmt::format(R"(agent_id = "{}" AND event_time > {})", kAgentB, later_second),
                     std::nullopt, std::nullopt, [=](const EventFacts& e) {
                       return e.agent_id == kAgentB && e.time_ms >= (later_second + 1) * 1000;
                     }});
  queries.push_back({"role_of_host_b", fmt::format(R"({} AND arnRole = "{}")", kAssumedRole, arn_b), std::nullopt,
                     std::nullopt, [=](const EventFacts& e) { return e.arn_role == arn_b; }});
  return queries;
}

std::string answers_json(const ReplayContents& contents) {
  const auto count = [&](auto holds) { return std::ranges::count_if(contents.events, holds); };
  std::string out = fmt::format(
      "{{\"seed\":{},\"from\":{},\"end\":{},\n\"counts\":{{\"events\":{},\"audit\":{},\"cloudtrail\":{},\"story\":{}}}",
      contents.seed, contents.from_ms, contents.end_ms, contents.events.size(),
      count([](const EventFacts& e) { return e.cloudtrail_id.empty(); }),
      count([](const EventFacts& e) { return !e.cloudtrail_id.empty(); }),
      count([](const EventFacts& e) { return e.story != 0; }));
  append_files(out, contents);
  append_story(out, contents);
  append_queries(out, contents);
  append_alerts(out, contents);
  return out += "}\n";
}

}  // namespace sightline::replay
