#pragma once

#include "base/error.h"
#include "detect/matcher/condition_graph.h"
#include "query/ast.h"

namespace sightline::detect {

// One comparison. Where tables answer it, an atom; otherwise what is necessary and tables do answer (a part of a
// wildcard, a text a regular expression needs, that there is a value at all), and a residual that decides.
Result<NodeRef> lower_comparison(const query::Comparison& comparison, GraphBuilder& graph);

// Of two fields: a residual.
Result<NodeRef> lower_field_comparison(const query::FieldComparison& comparison, GraphBuilder& graph);

// That there is a value.
NodeRef lower_presence(const query::FieldRef& field, GraphBuilder& graph);

}  // namespace sightline::detect
