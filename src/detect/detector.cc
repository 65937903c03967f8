#include "detect/detector.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <utility>

#include "detect/active_rules.h"
#include "detect/compiled_rules.h"
#include "detect/event_sampler.h"

namespace sightline::detect {

Detector::Detector(std::shared_ptr<const RuleSet> rules, RuleBudget budget)
    : Detector(std::make_shared<const ActiveRules>(std::move(rules)), budget) {}

Detector::Detector(std::shared_ptr<const ActiveRules> rules, RuleBudget budget)
    : rules_(std::move(rules)), budget_(budget), costs_(std::make_unique<Costs>()) {}

namespace {

std::uint64_t steady_ns() {
  return static_cast<std::uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

std::uint64_t thread_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

// One batch on its way.
class Detecting {
 public:
  Detecting(const Detector& detector, const EventBatch& batch, std::int64_t now_ms)
      : detector_(detector),
        batch_(batch),
        now_ms_(now_ms),
        sampler_(detector.costs_->events.fetch_add(batch.size())),
        detection_{detector.rules_, {}, {}} {
    for (const ActiveRules::Layer& layer : rules().layers()) leases_.emplace_back(*layer.sessions);
  }

  Detection run() {
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      if (batch_.events()[i].find(FieldId::duplicate_of) != nullptr) continue;
      const std::uint64_t stands_for = sampler_.next(sampler_.wants_time() ? steady_ns() : 0);
      matched_.clear();
      stands_for == 0 ? match(i, false) : match_timed(i, stands_for);
      report(i);
    }
    return std::move(detection_);
  }

 private:
  const ActiveRules& rules() const { return *detector_.rules_; }

  void match(std::size_t event, bool timed) {
    for (std::size_t layer = 0; layer < rules().layers().size(); ++layer) match_layer(event, layer, timed);
  }

  void match_timed(std::size_t event, std::uint64_t stands_for) {
    costs_.clear();
    const std::uint64_t wall_begin_ns = steady_ns();
    const std::uint64_t cpu_begin_ns = thread_cpu_ns();
    match(event, true);
    const std::uint64_t cpu_ns = thread_cpu_ns() - cpu_begin_ns;
    const std::uint64_t now_ns = steady_ns();
    detector_.costs_->cpu_ns += cpu_ns * stands_for;
    // While the thread waited for a processor, no rule took anything.
    const std::uint64_t wall_ns = std::max<std::uint64_t>(now_ns - wall_begin_ns, 1);
    const double busy = std::min(1.0, static_cast<double>(cpu_ns) / static_cast<double>(wall_ns));
    for (const auto& [entry, rule_ns] : costs_) {
      const double taken_ns = static_cast<double>(rule_ns) * busy * static_cast<double>(stands_for);
      charge(rules().rules()[entry], static_cast<std::uint64_t>(taken_ns), now_ns);
    }
  }

  void match_layer(std::size_t event, std::size_t index, bool timed) {
    const ActiveRules::Layer& layer = rules().layers()[index];
    fired_.clear();
    trace_.suppressed.clear();
    trace_.cost_ns.clear();
    trace_.left_out = {layer.left_out.get(), layer.entries.size()};
    trace_.timed = timed;
    match_until_nothing_throws(batch_.events()[event], index);
    for (const std::uint32_t number : fired_) matched_.push_back({layer.entries[number], index, number});
    std::ranges::sort(trace_.suppressed);
    const auto repeated = std::ranges::unique(trace_.suppressed);
    trace_.suppressed.erase(repeated.begin(), repeated.end());
    for (const std::uint32_t number : trace_.suppressed) ++activity_of(layer, number).suppressed;
    for (const auto& [number, wall_ns] : trace_.cost_ns) costs_.push_back({layer.entries[number], wall_ns});
  }

  // Each time a rule throws it is set aside, so that this ends.
  void match_until_nothing_throws(const Event& event, std::size_t index) {
    const ActiveRules::Layer& layer = rules().layers()[index];
    for (;;) {
      trace_.trying.reset();
      try {
        layer.rules->compiled().matcher.match(event, leases_[index].session(), fired_, trace_);
        return;
      } catch (const std::exception& error) {
        if (!trace_.trying) throw;
        set_aside(rules().rules()[layer.entries[*trace_.trying]],
                  fmt::format("its evaluation failed: {}", error.what()));
        fired_.clear();
        trace_.suppressed.clear();
        trace_.cost_ns.clear();
      }
    }
  }

  RuleActivity& activity_of(const ActiveRules::Layer& layer, std::uint32_t number) const {
    return *rules().rules()[layer.entries[number]].activity;
  }

  void report(std::size_t event) {
    std::ranges::sort(matched_, {}, &Matched::entry);
    for (const auto& [entry, layer, number] : matched_) {
      RuleActivity& activity = activity_of(rules().layers()[layer], number);
      const CompiledRule& compiled = rules().layers()[layer].rules->compiled().compiled[number];
      if (compiled.is_silenced_for_now(batch_.events()[event], now_ms_)) {
        ++activity.suppressed;
        continue;
      }
      if (activity.matches++ == 0) activity.first_matched = ++detector_.costs_->rules_matched;
      activity.last_match_ms = now_ms_;
      detection_.firings.push_back({rules().rules()[entry].rule, {event}});
    }
  }

  void charge(const ActiveRules::Entry& entry, std::uint64_t taken_ns, std::uint64_t now_ns) {
    const RuleBudget& budget = detector_.budget_;
    const RuleActivity::Window window = entry.activity->charge(taken_ns, now_ns, budget.window_ns);
    if (!budget.is_exceeded(window.cpu_ns, window.samples)) return;
    set_aside(entry,
              fmt::format("it took {:.2f} s of CPU time within {:.1f} s; {:.2f} s in {:.0f} s are its budget",
                          static_cast<double>(window.cpu_ns) / 1e9, static_cast<double>(now_ns - window.begin_ns) / 1e9,
                          budget.cores * static_cast<double>(budget.window_ns) / 1e9,
                          static_cast<double>(budget.window_ns) / 1e9));
  }

  void set_aside(const ActiveRules::Entry& entry, const std::string& reason) {
    if (!rules().set_aside(entry, reason)) return;
    const std::scoped_lock lock(detector_.costs_->mutex);
    detector_.costs_->set_aside.push_back({entry.rule->id, reason});
  }

  struct Matched {
    std::uint32_t entry = 0;
    std::size_t layer = 0;
    std::uint32_t number = 0;
  };

  const Detector& detector_;
  const EventBatch& batch_;
  const std::int64_t now_ms_;
  EventSampler sampler_;
  Detection detection_;
  std::deque<SessionPool::Lease> leases_;  // by layer
  MatchTrace trace_;
  std::vector<std::uint32_t> fired_;
  std::vector<Matched> matched_;                                // of one event
  std::vector<std::pair<std::uint32_t, std::uint64_t>> costs_;  // of one event: position in rules(), ns
};

Detection Detector::detect(const EventBatch& batch, std::int64_t now_ms) const {
  return Detecting(*this, batch, now_ms).run();
}

void Detector::apply(const StateDelta& /*delta*/) {}  // no rule has state yet

void Detector::replace_rules(std::shared_ptr<const ActiveRules> rules) { rules_ = std::move(rules); }

std::vector<SetAside> Detector::take_set_aside() const {
  const std::scoped_lock lock(costs_->mutex);
  return std::exchange(costs_->set_aside, {});
}

}  // namespace sightline::detect
