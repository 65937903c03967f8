// Finds the events that rules are about.
//
// Detection is split in two so that a crash or a retry never counts an event twice: detect() looks at a batch and
// returns firings and a delta of the detector's state; the pipeline commits alerts and delta in one transaction, and
// only then calls apply(). Rules on single events have no state, so today every delta is empty.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/rule_budget.h"
#include "detect/rule_set.h"
#include "event/event.h"

namespace sightline::detect {

class ActiveRules;

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
  std::shared_ptr<const ActiveRules> rules;  // keeps Firing::rule alive
  std::vector<Firing> firings;               // by event, then by rule id
  StateDelta delta;
};

// A rule that is no longer tried, since it failed or took more than its budget.
struct SetAside {
  std::string rule_id;
  std::string reason;
};

// detect() is const and may run on several threads at once; apply() and replace_rules() belong to one thread, with no
// detect() running meanwhile. The others are thread-safe.
class Detector {
 public:
  explicit Detector(std::shared_ptr<const RuleSet> rules, RuleBudget budget = {});
  explicit Detector(std::shared_ptr<const ActiveRules> rules, RuleBudget budget = {});

  // Events marked duplicate_of are skipped. `now_ms` says which suppressions have expired. Counts what rules do, and
  // sets rules aside.
  Detection detect(const EventBatch& batch, std::int64_t now_ms) const;

  // Takes over a delta once it is durable; at start, the stored rows.
  void apply(const StateDelta& delta);

  void replace_rules(std::shared_ptr<const ActiveRules> rules);
  const std::shared_ptr<const ActiveRules>& rules() const { return rules_; }

  // Those set aside since the last call.
  std::vector<SetAside> take_set_aside() const;
  // CPU time that matching took, estimated as RuleActivity::cpu_ns is; what rules share included.
  std::uint64_t cpu_ns() const { return costs_->cpu_ns.load(); }

 private:
  friend class Detecting;

  struct Costs {
    std::atomic<std::uint64_t> events{0};  // looked at so far
    std::atomic<std::uint64_t> cpu_ns{0};
    std::atomic<std::uint64_t> rules_matched{0};
    std::mutex mutex;  // guards set_aside
    std::vector<SetAside> set_aside;
  };

  std::shared_ptr<const ActiveRules> rules_;
  RuleBudget budget_;
  std::unique_ptr<Costs> costs_;
};

}  // namespace sightline::detect
