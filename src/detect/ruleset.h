// Rulesets: which hosts rules are for. A rule that is in one or more of them counts only on hosts with a tag of one of
// those; a rule in none counts everywhere.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/detector.h"
#include "detect/rule.h"

namespace sightline::detect {

// As a document says it.
struct Ruleset {
  struct Member {
    std::string pattern;  // a rule's id, or tag:TAG for rules with that tag; * stands for anything
    std::size_t line = 0;
    std::size_t column = 0;
  };
  std::string file;
  std::vector<Member> members;
  std::vector<std::string> host_tags;
};

inline constexpr std::size_t kMaxHostTagBytes = 64;
// 1 to 64 of A-Z a-z 0-9 . _ : / = -
bool is_host_tag(std::string_view tag);

// Gives each rule the tags of the rulesets it is in (Rule::host_tags, sorted). A member that is no rule is a problem.
void assign_rulesets(std::span<const Ruleset> rulesets, std::span<Rule> rules, std::vector<RuleProblem>& problems);

// The tags of a host, by its agent's id (empty where an event names none); nullopt where they cannot be told.
using TagsOfHost = std::function<std::optional<std::vector<std::string>>(std::string_view agent_id)>;

// Takes out the firings on hosts that their rules are not for. Where a host's tags cannot be told, they stay: better an
// alert too many. `batch` is the one that was looked at.
void drop_uncovered(Detection& detection, const EventBatch& batch, const TagsOfHost& tags_of);

}  // namespace sightline::detect
