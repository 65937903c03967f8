// From expressions to the graph of conditions.
#pragma once

#include "base/error.h"
#include "detect/matcher/condition_graph.h"
#include "query/ast.h"

namespace sightline::detect {

// Adds what `expr` asks to the graph; exactly that: the node holds where query::Predicate says so. Kinds of expression
// it does not know become residuals. Errors: those of query::Predicate::compile().
Result<NodeRef> lower(const query::Expr& expr, GraphBuilder& graph);

}  // namespace sightline::detect
