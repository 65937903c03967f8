#include "detect/rule_filter.h"

#include <algorithm>

#include "query/checker.h"
#include "query/parser.h"
#include "query/path_catalog.h"

namespace sightline::detect {
namespace {

// The rule has loaded, so its names are good.
class EveryPath final : public query::PathCatalog {
 public:
  bool contains(std::string_view path) const override { return !path.empty(); }
  std::vector<std::string> nearest(std::string_view, std::size_t) const override { return {}; }
};

}  // namespace

Result<query::Expr> read_filter(const std::string& filter) {
  query::ParseOptions options;
  // Its size was bounded when it was loaded; of Sigma's rules it may be beyond what people write.
  options.max_text_bytes = std::max(options.max_text_bytes, filter.size());
  options.max_terms = std::max(options.max_terms, filter.size());
  options.max_list_values = std::max(options.max_list_values, filter.size());
  options.max_depth = 250;
  auto expr = query::parse_expression(filter, options);
  if (!expr) return fail(ErrorCode::internal, "the filter cannot be read again: " + expr.error().message);
  const EveryPath every_path;
  if (auto checked = query::check(*expr, {.catalog = &every_path, .now_ms = std::nullopt}); !checked) {
    return fail(ErrorCode::internal, "the filter cannot be read again: " + checked.error().message);
  }
  return std::move(*expr);
}

}  // namespace sightline::detect
