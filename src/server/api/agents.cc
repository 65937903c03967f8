// GET /v1/agents: the agents that events came from, and those that have tags.
#include <map>
#include <set>

#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"
#include "server/api/store_query.h"

namespace sightline::api {

namespace {

void write_cell(JsonWriter& json, const store::Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    json.value(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    json.value(*number);
  } else {
    json.null();
  }
}

void write_tags(JsonWriter& json, const std::vector<std::string>& tags) {
  json.key("tags").begin_array();
  for (const std::string& tag : tags) json.value(tag);
  json.end_array();
}

// Of agents without events.
void write_others(JsonWriter& json, const std::map<std::string, std::vector<std::string>, std::less<>>& tagged) {
  for (const auto& [agent, tags] : tagged) {
    json.begin_object().member("agent_id", agent).key("hostname").null().member("events", 0);
    write_tags(json, tags);
    json.end_object();
  }
}

}  // namespace

http::Response list_agents(Services& services, http::Request& request) {
  if (auto known = check_parameters(request, {"from", "to"}); !known) return error_answer(known.error());
  const std::int64_t now_ms = services.clock.now_ms();
  const auto from = time_parameter(request, "from", now_ms);
  const auto to = time_parameter(request, "to", now_ms);
  if (!from) return error_answer(from.error());
  if (!to) return error_answer(to.error());
  const auto table = query_table(services, "agent_id != null | count by agent_id, hostname", *from, *to, request.stop);
  if (!table) return error_answer(table.error());
  auto tagged = services.control.agents().all_tags();
  if (!tagged) return error_answer(tagged.error());
  std::set<std::string> seen;
  JsonWriter json;
  json.begin_object().key("agents").begin_array();
  for (const auto& row : table->rows) {
    json.begin_object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      json.key(table->columns[i] == "count" ? "events" : table->columns[i]);
      write_cell(json, row[i]);
    }
    const std::string agent = std::get<std::string>(row.front());
    const auto tags = tagged->find(agent);
    write_tags(json, tags == tagged->end() ? std::vector<std::string>() : tags->second);
    json.end_object();
    seen.insert(agent);
  }
  std::erase_if(*tagged, [&](const auto& agent) { return seen.contains(agent.first); });
  write_others(json, *tagged);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace sightline::api
