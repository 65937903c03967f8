#include "detect/rule_index.h"

#include <algorithm>

namespace sightline::detect {

void RuleIndex::add(std::uint32_t rule, const std::optional<std::vector<ValueKey>>& keys) {
  if (!keys) {
    always_.push_back(rule);
    return;
  }
  for (const ValueKey& key : *keys) {
    const FieldId* field = std::get_if<FieldId>(&key.target);
    const std::string* path = std::get_if<std::string>(&key.target);
    if (path != nullptr && path->empty()) continue;
    if (path != nullptr) path_slots_.set(slot_of(*path));
    Values& values = field != nullptr ? by_field_[static_cast<std::size_t>(*field)] : by_path_[*path];
    std::vector<std::uint32_t>& rules = values.rules[key.folded_value];
    if (rules.empty() || rules.back() != rule) rules.push_back(rule);
    values.longest = std::max(values.longest, key.folded_value.size());
  }
}

void RuleIndex::look_up(const Values& values, std::string_view text, Scratch& scratch,
                        std::vector<std::uint32_t>& out) {
  if (text.size() > values.longest) return;
  scratch.folded.assign(text);
  for (char& c : scratch.folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto found = values.rules.find(std::string_view(scratch.folded));
  if (found != values.rules.end()) out.insert(out.end(), found->second.begin(), found->second.end());
}

void RuleIndex::candidates(const Event& event, Scratch& scratch, std::vector<std::uint32_t>& out) const {
  out.insert(out.end(), always_.begin(), always_.end());
  for (const FieldValue& value : event.fields()) {
    const Values& values = by_field_[static_cast<std::size_t>(value.field)];
    if (!values.rules.empty()) look_up(values, value.text, scratch, out);
  }
  if (!by_path_.empty()) {
    for (const Attribute& attribute : event.attributes()) {
      if (attribute.path.empty() || !path_slots_.test(slot_of(attribute.path))) continue;
      const auto found = by_path_.find(attribute.path);
      if (found != by_path_.end()) look_up(found->second, attribute.text, scratch, out);
    }
  }
  std::ranges::sort(out);
  const auto repeated = std::ranges::unique(out);
  out.erase(repeated.begin(), repeated.end());
}

}  // namespace sightline::detect
