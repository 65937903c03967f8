// POST /v1/search: one query, a page of events or a table.
#include <fmt/format.h>

#include "event/json.h"
#include "query/checker.h"
#include "query/parser.h"
#include "server/api/errors.h"
#include "server/api/handlers.h"
#include "server/api/json_body.h"
#include "server/api/json_writer.h"
#include "server/api/parameters.h"
#include "store/cursor.h"

namespace sightline::api {

namespace {

constexpr std::int64_t kDefaultLimit = 100;
constexpr std::int64_t kMaxLimit = 10'000;
// A page ends before its events are longer than this together; the cursor goes on from there.
constexpr std::size_t kMaxPageBytes = 64ULL << 20;

struct Question {
  std::string text;
  std::int64_t now_ms = 0;  // of the first page
  store::SearchRequest request;
};

Result<std::optional<std::int64_t>> time_member(const JsonBody& body, std::string_view name, std::int64_t now_ms) {
  const auto text = body.text_or_integer(name);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  const auto time = parse_time_ms(name, **text, now_ms);
  if (!time) return std::unexpected(time.error());
  return *time;
}

Result<Question> read_question(std::string_view json, std::int64_t now_ms) {
  const auto body = JsonBody::parse(json, {"query", "from", "to", "limit", "cursor", "time_zone"});
  if (!body) return std::unexpected(body.error());
  Question question;
  question.now_ms = now_ms;
  const auto text = body->text("query");
  const auto limit = body->integer("limit");
  const auto cursor = body->text("cursor");
  const auto zone = body->text("time_zone");
  if (cursor && *cursor) {
    auto parsed = store::parse_cursor(**cursor);
    if (!parsed) return std::unexpected(parsed.error());
    question.request.cursor = *parsed;
    question.now_ms = parsed->asked_ms;
  }
  const auto from = time_member(*body, "from", question.now_ms);
  const auto to = time_member(*body, "to", question.now_ms);
  for (const Error* error :
       {text ? nullptr : &text.error(), limit ? nullptr : &limit.error(), cursor ? nullptr : &cursor.error(),
        zone ? nullptr : &zone.error(), from ? nullptr : &from.error(), to ? nullptr : &to.error()}) {
    if (error) return std::unexpected(*error);
  }
  const std::int64_t events = limit->value_or(kDefaultLimit);
  if (events < 1 || events > kMaxLimit) {
    return fail(ErrorCode::invalid_input, fmt::format("\"limit\" must be from 1 to {}", kMaxLimit));
  }
  question.text = text->value_or("");
  question.request.from_ms = *from;
  question.request.to_ms = *to;
  question.request.limit = static_cast<std::uint32_t>(events);
  question.request.time_zone = zone->value_or("UTC");
  return question;
}

// Returns where the page ended before its last event, for want of room.
std::optional<store::Cursor> write_events(JsonWriter& json, const store::SearchResult& result,
                                          const store::SearchRequest& request) {
  json.key("events").begin_array();
  std::optional<store::Cursor> cut;
  std::string event_json;
  for (std::size_t i = 0; i < result.events.size(); ++i) {
    const Event& event = result.events.events()[i];
    event_json.clear();
    append_json(event_json, event);
    json.raw(event_json);
    if (json.size_bytes() > kMaxPageBytes && i + 1 < result.events.size()) {
      cut = store::Cursor{.event_time_ms = event.event_time_ms,
                          .id = event.id,
                          .newest_batch = request.bound(),
                          .given = (request.cursor ? request.cursor->given : 0) + i + 1};
      break;
    }
  }
  json.end_array();
  return cut;
}

struct WriteCell {
  JsonWriter& json;
  void operator()(std::monostate) const { json.null(); }
  void operator()(std::int64_t number) const { json.value(number); }
  void operator()(const std::string& text) const { json.value(text); }
};

void write_table(JsonWriter& json, const store::Table& table) {
  json.key("columns").begin_array();
  for (const std::string& column : table.columns) json.value(column);
  json.end_array().key("rows").begin_array();
  for (const auto& row : table.rows) {
    json.begin_array();
    for (const store::Cell& cell : row) std::visit(WriteCell{json}, cell);
    json.end_array();
  }
  json.end_array();
}

// Nothing here records yet which hosts recorded what, and when; so nothing may be concluded from absence.
void write_coverage(JsonWriter& json, bool knows_all_paths, const std::optional<control::Removed>& removed) {
  json.key("coverage").begin_object();
  json.member("state", "unknown");
  json.member("reason", "no source here reports what it lost, so an event that is not found may still have happened");
  if (!knows_all_paths) {
    json.member("names",
                "events have had more paths than are listed: a path that is misspelt finds nothing, unnoticed");
  }
  if (removed) {
    json.key("removed").begin_object().member("received_before", removed->received_before_ms);
    json.member("batches", removed->batches).member("events", removed->events);
    json.member("reason", "what was received before that time was removed by retention").end_object();
  }
  json.end_object();
}

http::Response answer_json(const store::SearchResult& result, const Question& question, bool knows_all_paths,
                           const std::optional<control::Removed>& removed) {
  JsonWriter json;
  json.begin_object();
  std::optional<store::Cursor> next = result.next;
  if (result.table) {
    write_table(json, *result.table);
  } else if (auto cut = write_events(json, result, question.request)) {
    next = cut;
  }
  if (next) next->asked_ms = question.now_ms;
  json.member("took_ms", result.elapsed_ms).member("scanned", result.scanned_rows);
  json.key("cursor");
  next ? json.value(store::to_text(*next)) : json.null();
  write_coverage(json, knows_all_paths, removed);
  json.end_object();
  return http::json_response(200, json.take());
}

// A search that is over a limit is not over the request's size.
http::Response search_error(const Error& error) {
  if (error.code == ErrorCode::too_large) return http::error_response(422, error.message, "too_large");
  return error_answer(error);
}

}  // namespace

http::Response search(Services& services, http::Request& request) {
  auto question = read_question(request.body, services.clock.now_ms());
  if (!question) return error_answer(question.error());
  auto query = query::parse(question->text);
  if (!query) return diagnostic_answer(query.error(), question->text);
  if (auto checked = query::check(*query, {&services.paths, question->now_ms}); !checked) {
    return diagnostic_answer(checked.error(), question->text);
  }
  question->request.query = &*query;
  question->request.newest_batch = services.pipeline.newest_batch();
  const auto result = services.store.search(question->request, request.stop);
  if (!result) return search_error(result.error());
  return answer_json(*result, *question, services.store.knows_all_paths(), services.control.retention().removed());
}

}  // namespace sightline::api
