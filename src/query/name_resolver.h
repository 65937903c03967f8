// What names stand for.
#pragma once

#include <expected>

#include "query/ast.h"
#include "query/diagnostic.h"
#include "query/path_catalog.h"

namespace sightline::query {

class NameResolver {
 public:
  // nullptr: only the schema, the aliases and known_paths().
  explicit NameResolver(const PathCatalog* catalog) : catalog_(catalog) {}

  // Fills field.targets, or says which names are near.
  std::expected<void, Diagnostic> resolve(FieldRef& field) const;

  // The same for sorting, which needs values of one kind: an alias of integer fields means those alone.
  std::expected<void, Diagnostic> resolve_to_sort(FieldRef& field) const;

 private:
  std::unexpected<Diagnostic> unknown(const FieldRef& field) const;

  const PathCatalog* catalog_;
};

// "did you mean a, b or c?", or nothing where there are none.
std::string did_you_mean(const std::vector<std::string>& names);

}  // namespace sightline::query
