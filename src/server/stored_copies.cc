#include "server/stored_copies.h"

#include <algorithm>
#include <vector>

#include "query/ast.h"
#include "query/checker.h"

namespace sightline::server {

namespace {

// Event ids a search, and events a page of its result.
constexpr std::size_t kPortion = 500;
constexpr std::uint32_t kPage = 1'000;

std::pair<std::string, std::string> identity(const Event& event) {
  return {std::string(event.text(FieldId::recipient_account_id).value_or("")),
          std::string(event.text(FieldId::event_id).value_or(""))};
}

query::FieldRef field_ref(FieldId field) { return {std::string(field_info(field).name), {}, {}}; }

// eventID IN (…) AND duplicate_of = null
Result<query::Query> query_for(std::span<const Event* const> events) {
  query::Comparison same_id;
  same_id.field = field_ref(FieldId::event_id);
  for (const Event* event : events) {
    query::Literal literal;
    literal.text = event->text(FieldId::event_id).value_or("");
    literal.quoted = true;
    same_id.operands.push_back(std::move(literal));
  }
  query::And both;
  both.operands.push_back({std::move(same_id), {}});
  both.operands.push_back({query::IsNull{field_ref(FieldId::duplicate_of)}, {}});
  query::Query query;
  query.filter = query::Expr{std::move(both), {}};
  if (const auto checked = query::check(query, {}); !checked) return fail(ErrorCode::internal, "search for copies");
  return query;
}

Result<void> search_portion(store::EventStore& store, std::span<const Event* const> events, StoredFirsts& found) {
  const auto query = query_for(events);
  if (!query) return std::unexpected(query.error());
  store::SearchRequest request;
  request.query = &*query;
  request.from_ms = events.front()->event_time_ms;
  request.to_ms = events.back()->event_time_ms + 1;
  request.limit = kPage;
  do {
    auto result = store.search(request, {});
    if (!result) return std::unexpected(result.error());
    for (const Event& event : result->events.events()) found.add(event);
    request.cursor = result->next;
  } while (request.cursor);
  return {};
}

}  // namespace

void StoredFirsts::add(const Event& event) { ids_.emplace(identity(event), event.id); }

std::optional<EventId> StoredFirsts::find(const Event& event) const {
  if (ids_.empty()) return std::nullopt;
  const auto found = ids_.find(identity(event));
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

Result<StoredFirsts> find_stored_firsts(store::EventStore& store, std::span<const Event* const> events) {
  StoredFirsts found;
  std::vector<const Event*> by_time(events.begin(), events.end());
  std::ranges::sort(by_time, {}, [](const Event* event) { return event->event_time_ms; });
  for (std::size_t begin = 0; begin < by_time.size(); begin += kPortion) {
    const std::size_t size = std::min(kPortion, by_time.size() - begin);
    const auto searched = search_portion(store, std::span(by_time).subspan(begin, size), found);
    if (!searched) return std::unexpected(searched.error());
  }
  return found;
}

}  // namespace sightline::server
