// Any bytes as a query on their way to SQL: what passes the check becomes statements in which nothing of the query
// stands outside of literals.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "query/checker.h"
#include "query/parser.h"
#include "query/testing/random_events.h"
#include "store/clickhouse/search_sql.h"
#include "store/clickhouse/stored_value.h"

namespace {

using namespace sightline;
using namespace sightline::store;
using namespace sightline::store::clickhouse;

void require(bool holds) {
  if (!holds) std::abort();
}

const query::PathCatalog& catalog() {
  static const query::SetPathCatalog catalog(query::testing::random_paths());
  return catalog;
}

// Every field and path has values, single and several.
const Content& content() {
  static const Content made = [] {
    Content all;
    all.filled.set();
    all.repeated.set();
    all.unnumbered = true;
    for (const std::string& path : query::testing::random_paths()) {
      for (const Attribute::Kind kind : {Attribute::Kind::text, Attribute::Kind::number}) {
        std::string scratch;
        AttributeKey& key = all.keys[all.keys.find_or_add(to_attribute_key(path, kind, scratch))];
        key.in_words = key.in_texts = key.repeated = true;
      }
    }
    return all;
  }();
  return made;
}

// Literals are closed, brackets match, and there is neither a second statement nor a comment.
void look_at(std::string_view sql) {
  bool in_literal = false;
  int depth = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    const char next = i + 1 < sql.size() ? sql[i + 1] : '\0';
    require(c >= 0x20 && c < 0x7f);
    if (in_literal && c == '\\') {
      require(next == 'x' || next == '.' || next == '\\');
      ++i;
      continue;
    }
    if (c == '\'') in_literal = !in_literal;
    if (in_literal) continue;
    require(c != ';' && c != '#' && !(c == '-' && next == '-') && !(c == '/' && next == '*'));
    if (c == '(') ++depth;
    if (c == ')') require(--depth >= 0);
  }
  require(!in_literal && depth == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::expected<query::Query, query::Diagnostic> parsed = query::parse(text);
  if (!parsed || !query::check(*parsed, {&catalog(), query::testing::kRandomNowMs})) return 0;
  SearchRequest request;
  request.query = &*parsed;
  request.newest_batch = 7;
  request.time_zone = "Europe/Berlin";
  const Pipes pipes = take_apart(*parsed);
  if (!pipes.makes_table()) {
    look_at(page_sql(request, pipes, content(), 10, 7 + size % 2));
  } else if (const Result<TableSql> table = table_sql(request, pipes, content(), 10, 7 + size % 2)) {
    look_at(table->sql);
  }
  return 0;
}
