#include "query/pattern_texts.h"

#include <re2/filtered_re2.h>

#include <algorithm>
#include <numeric>

namespace sightline::query {
namespace {

// The longer a text, the fewer values have it: shorter ones only where a pattern has no others.
constexpr int kGoodSize = 3;

// Single bytes of which values are made.
bool is_everywhere(const std::string& text) {
  constexpr std::string_view kCommon = " \t\\/.-_:\"=,";
  const char c = text.front();
  return text.size() == 1 && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || kCommon.contains(c));
}

// RE2 keeps to itself how a pattern's texts are joined by AND and OR; it tells only whether a given set of them lets
// the pattern match.
bool may_match(const re2::FilteredRE2& filter, const std::vector<int>& texts) {
  std::vector<int> patterns;
  filter.AllPotentials(texts, &patterns);
  return !patterns.empty();
}

std::vector<std::string> texts_of_size(std::string_view pattern, int least_size) {
  RE2::Options options;
  options.set_log_errors(false);
  re2::FilteredRE2 filter(least_size);
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

}  // namespace

std::vector<std::string> necessary_texts(std::string_view pattern) {
  for (int size = kGoodSize; size > 0; --size) {
    std::vector<std::string> texts = texts_of_size(pattern, size);
    if (!texts.empty() && std::ranges::none_of(texts, is_everywhere)) return texts;
  }
  return {};
}

}  // namespace sightline::query
