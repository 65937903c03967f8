#include "detect/rule_index.h"

#include <algorithm>

namespace sightline::detect {

void RuleIndex::add(std::uint32_t rule, const std::optional<std::vector<FieldKey>>& keys) {
  if (!keys) {
    always_.push_back(rule);
    return;
  }
  for (const FieldKey& key : *keys) {
    FieldValues& values = by_field_[static_cast<std::size_t>(key.field)];
    std::vector<std::uint32_t>& rules = values.rules[key.folded_value];
    if (rules.empty() || rules.back() != rule) rules.push_back(rule);
    values.longest = std::max(values.longest, key.folded_value.size());
  }
}

void RuleIndex::candidates(const Event& event, Scratch& scratch, std::vector<std::uint32_t>& out) const {
  out.insert(out.end(), always_.begin(), always_.end());
  for (const FieldValue& value : event.fields()) {
    const FieldValues& values = by_field_[static_cast<std::size_t>(value.field)];
    if (values.rules.empty() || value.text.size() > values.longest) continue;
    scratch.folded.assign(value.text);
    for (char& c : scratch.folded) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const auto found = values.rules.find(std::string_view(scratch.folded));
    if (found != values.rules.end()) out.insert(out.end(), found->second.begin(), found->second.end());
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
}

}  // namespace sightline::detect
