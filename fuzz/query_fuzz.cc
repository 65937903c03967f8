// Any bytes as a query: parsing is safe; what parses prints to text that parses to the same tree; what passes the check
// compiles and is tried on events.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "query/checker.h"
#include "query/parser.h"
#include "query/predicate.h"
#include "query/testing/random_events.h"
#include "query/text_form.h"

namespace {

using namespace sightline;
using namespace sightline::query;

void require(bool holds) {
  if (!holds) std::abort();
}

const EventBatch& events() {
  static const EventBatch batch = [] {
    testing::RandomSource random(1);
    return testing::random_events(random, 20);
  }();
  return batch;
}

const PathCatalog& catalog() {
  static const SetPathCatalog catalog(testing::random_paths());
  return catalog;
}

void try_on_events(const Expr& expr) {
  const Result<Predicate> predicate = Predicate::compile(expr);
  require(predicate.has_value());
  for (const Event& event : events().events()) predicate->matches(event);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::expected<Query, Diagnostic> parsed = parse(text);
  if (!parsed) {
    require(!render(parsed.error(), text).empty());
    return 0;
  }
  const std::string printed = to_string(*parsed);
  ParseOptions options;
  options.max_text_bytes = 8 * text.size() + 1024;  // escapes take more room than the bytes
  std::expected<Query, Diagnostic> again = parse(printed, options);
  require(again.has_value());
  require(to_tree(*again) == to_tree(*parsed));
  require(to_string(*again) == printed);

  const std::expected<void, Diagnostic> checked = check(*parsed, {&catalog(), testing::kRandomNowMs});
  if (!checked) {
    require(!render(checked.error(), text).empty());
    return 0;
  }
  if (parsed->filter) try_on_events(*parsed->filter);
  return 0;
}
