// Resolves the names of a parsed query, types its literals, and refuses what could not mean anything.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "query/ast.h"
#include "query/diagnostic.h"
#include "query/path_catalog.h"

namespace sightline::query {

struct CheckContext {
  // Paths accepted beside the schema, the aliases and known_paths(). nullptr: none.
  const PathCatalog* catalog = nullptr;
  // What `now` means. nullopt: relative times are refused, as in rules, whose meaning may not depend on when they load.
  std::optional<std::int64_t> now_ms;
};

// Fills FieldRef::targets and the typed parts of every Literal; may be called again with another context. After
// success both evaluators accept the tree. Trees that did not come from the parser are welcome. Not thread-safe for one
// and the same tree.
std::expected<void, Diagnostic> check(Query& query, const CheckContext& context);
std::expected<void, Diagnostic> check(Expr& expr, const CheckContext& context);

}  // namespace sightline::query
