#include "server/api/store_query.h"

#include "query/checker.h"
#include "query/parser.h"

namespace sightline::api {

Result<store::Table> query_table(Services& services, std::string_view text, std::optional<std::int64_t> from_ms,
                                 std::optional<std::int64_t> to_ms, std::stop_token stop) {
  auto query = query::parse(text);
  if (!query) return fail(ErrorCode::internal, query.error().message);
  if (auto checked = query::check(*query, {nullptr, std::nullopt}); !checked) {
    return fail(ErrorCode::internal, checked.error().message);
  }
  store::SearchRequest request;
  request.query = &*query;
  request.from_ms = from_ms;
  request.to_ms = to_ms;
  request.newest_batch = services.pipeline.newest_batch();
  auto result = services.store.search(request, std::move(stop));
  if (!result) return std::unexpected(result.error());
  if (!result->table) return fail(ErrorCode::internal, "the query makes no table");
  return std::move(*result->table);
}

}  // namespace sightline::api
