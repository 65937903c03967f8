// Which pipes may follow which.
#pragma once

#include <expected>
#include <vector>

#include "query/ast.h"
#include "query/diagnostic.h"
#include "query/name_resolver.h"

namespace sightline::query {

std::expected<void, Diagnostic> check_stages(std::vector<Stage>& stages, const NameResolver& resolver);

}  // namespace sightline::query
