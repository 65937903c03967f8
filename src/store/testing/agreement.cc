#include "store/testing/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "event/json.h"
#include "query/predicate.h"

namespace sightline::store::testing {

std::vector<std::string> find_ids(EventStore& store, query::Expr filter) {
  query::Query query;
  query.filter = std::move(filter);
  query::DistinctStage distinct;
  distinct.field = {.name = "id", .targets = {FieldId::id}, .span = {}};
  query.stages.push_back({.node = std::move(distinct), .span = {}});
  SearchRequest request;
  request.query = &query;
  Result<SearchResult> result = store.search(request, {});
  if (!result) throw std::runtime_error(result.error().message);
  std::vector<std::string> ids;
  for (const std::vector<Cell>& row : result->table.value().rows) ids.push_back(std::get<std::string>(row.front()));
  std::ranges::sort(ids);
  return ids;
}

std::vector<std::string> find_disagreements(EventStore& store, query::testing::RandomPairs& pairs) {
  std::vector<std::string> disagreements;
  for (query::testing::RandomExpression& expression : pairs.expressions) {
    const Result<query::Predicate> predicate = query::Predicate::compile(expression.expr);
    if (!predicate) throw std::runtime_error(predicate.error().message);
    std::vector<std::string> found;
    try {
      found = find_ids(store, std::move(expression.expr));
    } catch (const std::runtime_error& error) {
      disagreements.push_back(fmt::format("{}\n  the search fails: {}", expression.text, error.what()));
      continue;
    }
    for (const Event& event : pairs.events.events()) {
      const bool in_memory = predicate->matches(event);
      const bool in_store = std::ranges::binary_search(found, to_string(event.id));
      if (in_memory == in_store) continue;
      std::string json;
      append_json(json, event, {.original = false});
      disagreements.push_back(
          fmt::format("{}\n  in memory {}, in the store {}: {}", expression.text, in_memory, in_store, json));
    }
  }
  return disagreements;
}

}  // namespace sightline::store::testing
