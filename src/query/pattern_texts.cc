#include "query/pattern_texts.h"

#include <re2/filtered_re2.h>

#include <numeric>

namespace sightline::query {
namespace {

constexpr int kMinTextSize = 3;  // shorter ones are in too many values

// RE2 keeps to itself how a pattern's texts are joined by AND and OR; it tells only whether a given set of them lets
// the pattern match.
bool may_match(const re2::FilteredRE2& filter, const std::vector<int>& texts) {
  std::vector<int> patterns;
  filter.AllPotentials(texts, &patterns);
  return !patterns.empty();
}

}  // namespace

std::vector<std::string> necessary_texts(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  re2::FilteredRE2 filter(kMinTextSize);
  int id = 0;
  if (filter.Add({pattern.data(), pattern.size()}, options, &id) != RE2::NoError) return {};
  std::vector<std::string> texts;
  filter.Compile(&texts);
  if (texts.empty() || may_match(filter, {})) return {};
  std::vector<int> others(texts.size() - 1);
  std::iota(others.begin(), others.end(), 1);
  const std::string* longest = nullptr;  // of those that are needed whichever others there are
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool longer = longest == nullptr || texts[i].size() > longest->size();
    if (longer && !may_match(filter, others)) longest = &texts[i];
    if (i < others.size()) others[i] = static_cast<int>(i);
  }
  if (longest != nullptr) return {*longest};
  return texts;
}

}  // namespace sightline::query
