// The rules in force: one set of rules, or several laid over each other, so that changing one rule need not compile
// all.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "detect/matcher/session_pool.h"
#include "detect/rule_activity.h"
#include "detect/rule_set.h"

namespace sightline::detect {

using RuleIds = std::set<std::string, std::less<>>;

// One of the sets; a rule stands back where a set above it has one with its id.
struct RuleLayer {
  std::shared_ptr<const RuleSet> rules;
  RuleIds hidden = {};  // ids that count as absent from this set
};

// Immutable but for what rules did and which are set aside. Thread-safe; swapped whole.
class ActiveRules {
 public:
  struct Entry {
    const Rule* rule = nullptr;
    std::shared_ptr<RuleActivity> activity;
    std::size_t layer = 0;
    std::uint32_t number = 0;         // in its layer: the position in RuleSet::rules()
    const Rule* overrides = nullptr;  // the rule of the lowest layer that stands back for it
    bool disabled = false;            // beside what its text says
  };

  explicit ActiveRules(std::shared_ptr<const RuleSet> rules);
  // Layers from the lowest up. What `previous` knows of a rule's activity is taken over, and that it is set aside, but
  // for the ids in `released`.
  ActiveRules(std::vector<RuleLayer> layers, RuleIds disabled, const ActiveRules* previous, const RuleIds& released);
  ActiveRules(const ActiveRules&) = delete;
  ActiveRules& operator=(const ActiveRules&) = delete;

  // By id, each id once.
  std::span<const Entry> rules() const { return entries_; }
  const Entry* find(std::string_view id) const;
  std::vector<const RuleProblem*> problems() const;

  // From now on the rule is not tried. False: it was set aside before.
  bool set_aside(const Entry& entry, std::string reason) const;

  struct Layer {
    std::shared_ptr<const RuleSet> rules;
    std::shared_ptr<SessionPool> sessions;  // of the rules' matcher; goes from set to set with the rules
    std::unique_ptr<std::atomic<bool>[]> left_out;
    std::vector<std::uint32_t> entries;  // by number: the position in rules(); kHidden where it has none
    static constexpr std::uint32_t kHidden = UINT32_MAX;
  };
  std::span<const Layer> layers() const { return layers_; }

 private:
  void add_layer(std::shared_ptr<const RuleSet> rules, const ActiveRules* previous);
  void admit(std::uint32_t position, const ActiveRules* previous, const RuleIds& released);

  std::vector<Layer> layers_;
  std::vector<Entry> entries_;
};

}  // namespace sightline::detect
