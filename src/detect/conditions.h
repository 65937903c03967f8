// What must hold of an event for a filter to match, as far as it shows in the filter itself. Everything here is
// one-sided: a condition that is named is necessary, one that is not named may still be.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "event/field.h"
#include "query/ast.h"

namespace sightline::detect {

// Why a checked filter can never match.
struct Contradiction {
  query::Span span;
  std::string message;
  std::string hint;
};

// Looks at conditions that must hold together: values of one field that exclude each other, an event_type that does not
// exist. Fields that have one value by the schema are taken to have one. Bounded time; nullopt says only that none was
// seen.
// `more_event_types` exist beside those of the schema.
std::optional<Contradiction> find_contradiction(const query::Expr& filter,
                                                std::span<const std::string> more_event_types = {});

// The values of event_type without which the filter cannot match, sorted; empty: any.
std::vector<std::string> necessary_event_types(const query::Expr& filter);

}  // namespace sightline::detect
