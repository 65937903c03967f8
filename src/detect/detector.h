// Finds the events that rules are about.
//
// Detection is split in two so that a crash or a retry never counts an event twice: detect() looks at a batch and
// returns firings and a delta of the detector's state; the pipeline commits alerts and delta in one transaction, and
// only then calls apply(). Rules on single events have no state, so today every delta is empty.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/matcher/session_pool.h"
#include "detect/rule.h"
#include "event/event.h"

namespace sightline::detect {

struct CompiledRules;

// Rules that loaded, compiled, and the problems of those that did not. Immutable; thread-safe; swapped whole.
// Made by load_rules() (rule_loader.h).
class RuleSet {
 public:
  RuleSet();  // empty
  explicit RuleSet(std::unique_ptr<const CompiledRules> compiled);
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  // Every rule that loaded, disabled ones included, by id.
  const std::vector<Rule>& rules() const;
  const std::vector<RuleProblem>& problems() const;
  const Rule* find(std::string_view id) const;
  const CompiledRules& compiled() const { return *compiled_; }

 private:
  std::unique_ptr<const CompiledRules> compiled_;
};

// A rule and the events that made it fire, by their index in the batch: one for the rules we have today, more where a
// rule counts or follows a sequence.
struct Firing {
  const Rule* rule = nullptr;
  std::vector<std::size_t> event_indices;
};

// What changes in the detector's state, as rows to keep: the pipeline stores them without looking inside.
struct StateDelta {
  struct Row {
    std::string key;
    std::optional<std::string> value;  // nullopt: the row goes away
  };
  std::vector<Row> rows;
  bool empty() const { return rows.empty(); }
};

struct Detection {
  std::shared_ptr<const RuleSet> rules;  // keeps Firing::rule alive
  std::vector<Firing> firings;           // by event, then by rule id
  StateDelta delta;
};

// detect() is const and may run on several threads at once; apply() and replace_rules() belong to one thread, with no
// detect() running meanwhile.
class Detector {
 public:
  explicit Detector(std::shared_ptr<const RuleSet> rules);

  // Events marked duplicate_of are skipped. `now_ms` says which suppressions have expired.
  Detection detect(const EventBatch& batch, std::int64_t now_ms) const;

  // Takes over a delta once it is durable; at start, the stored rows.
  void apply(const StateDelta& delta);

  void replace_rules(std::shared_ptr<const RuleSet> rules);
  const std::shared_ptr<const RuleSet>& rules() const { return rules_; }

 private:
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<SessionPool> sessions_;  // of the rules' matcher; kept from batch to batch for what they remember
};

}  // namespace sightline::detect
