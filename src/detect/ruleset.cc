#include "detect/ruleset.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace sightline::detect {
namespace {

bool matches_glob(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // Each part between two asterisks is best taken where it first occurs; what follows the last one must be the end.
  for (std::size_t next = pattern.find('*'); next != std::string_view::npos; next = pattern.find('*')) {
    const std::size_t at = text.find(pattern.substr(0, next));
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + next);
    pattern.remove_prefix(next + 1);
  }
  return text.ends_with(pattern);
}

bool holds(const Ruleset::Member& member, const Rule& rule) {
  constexpr std::string_view kTag = "tag:";
  if (!member.pattern.starts_with(kTag)) return matches_glob(member.pattern, rule.id);
  const std::string_view pattern = std::string_view(member.pattern).substr(kTag.size());
  return std::ranges::any_of(rule.tags, [&](const std::string& tag) { return matches_glob(pattern, tag); });
}

bool share_a_tag(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::ranges::find_first_of(left, right) != left.end();
}

}  // namespace

bool is_host_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kMaxHostTagBytes && std::ranges::all_of(tag, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/=-").contains(c);
  });
}

void assign_rulesets(std::span<const Ruleset> rulesets, std::span<Rule> rules, std::vector<RuleProblem>& problems) {
  for (const Ruleset& ruleset : rulesets) {
    for (const Ruleset::Member& member : ruleset.members) {
      bool found = false;
      for (Rule& rule : rules) {
        if (!holds(member, rule)) continue;
        found = true;
        rule.host_tags.insert(rule.host_tags.end(), ruleset.host_tags.begin(), ruleset.host_tags.end());
      }
      if (found) continue;
      problems.push_back({ruleset.file,
                          member.line,
                          member.column,
                          {},
                          fmt::format("no rule that loaded is \"{}\"", member.pattern.substr(0, 64)),
                          "write a rule's id, one with *, or tag: and a tag"});
    }
  }
  for (Rule& rule : rules) {
    std::ranges::sort(rule.host_tags);
    const auto repeated = std::ranges::unique(rule.host_tags);
    rule.host_tags.erase(repeated.begin(), repeated.end());
  }
}

void drop_uncovered(Detection& detection, const EventBatch& batch, const TagsOfHost& tags_of) {
  std::map<std::string_view, std::optional<std::vector<std::string>>> hosts;
  std::erase_if(detection.firings, [&](const Firing& firing) {
    if (firing.rule->host_tags.empty()) return false;
    const auto agent = batch.events()[firing.event_indices.front()].text(FieldId::agent_id).value_or("");
    const auto [host, fresh] = hosts.try_emplace(agent);
    if (fresh) host->second = tags_of(agent);
    return host->second && !share_a_tag(*host->second, firing.rule->host_tags);
  });
}

}  // namespace sightline::detect
