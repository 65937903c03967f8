#include "agent/audit_rules/load_plan.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace sightline::agent {
namespace {

// The rules of one list of the kernel, of which the first that matches decides.
struct List {
  std::vector<const AuditRule*> wished;    // without those of others, in the order of the files
  std::vector<const PackedRule*> present;  // ours and wished, in the order of the kernel
};

// The order that the kernel has after all are added: a rule for the front goes before those added earlier.
std::vector<const AuditRule*> kernel_order(const std::vector<const AuditRule*>& wished) {
  std::vector<const AuditRule*> order;
  for (const AuditRule* rule : wished) {
    if (rule->packed.at_front()) order.insert(order.begin(), rule);
  }
  std::ranges::copy_if(wished, std::back_inserter(order), [](const auto* rule) { return !rule->packed.at_front(); });
  return order;
}

void plan_list(const List& list, LoadPlan& plan) {
  const std::vector<const AuditRule*> order = kernel_order(list.wished);
  std::size_t same = 0;
  while (same < list.present.size() && order[same]->packed == *list.present[same]) ++same;
  if (same == order.size()) return;
  std::unordered_set<std::string_view> there;
  for (const PackedRule* rule : list.present) there.insert(rule->bytes());
  // What is added at the front cannot come behind what is kept: then all are added anew.
  const bool any_at_front = order.front()->packed.at_front();
  const std::vector<const AuditRule*>& all = any_at_front ? list.wished : order;
  for (std::size_t i = any_at_front ? 0 : same; i < all.size(); ++i) {
    plan.additions.push_back({all[i], there.contains(all[i]->packed.bytes())});
  }
}

}  // namespace

LoadPlan plan_load(std::span<const AuditRule> wished, std::span<const PackedRule> present, const RuleState& state) {
  LoadPlan plan;
  std::unordered_set<std::string_view> wished_bytes;
  for (const AuditRule& rule : wished) wished_bytes.insert(rule.packed.bytes());
  std::unordered_map<std::string_view, bool> present_is_ours;
  std::map<std::uint32_t, List> lists;
  for (const PackedRule& rule : present) {
    const bool ours = state.is_ours(rule);
    // The kernel lets a rule for the front stand twice.
    if (!present_is_ours.emplace(rule.bytes(), ours).second || !ours) continue;
    if (wished_bytes.contains(rule.bytes())) {
      lists[rule.list()].present.push_back(&rule);
    } else {
      plan.unwished.push_back(rule);
    }
  }
  for (const AuditRule& rule : wished) {
    const auto found = present_is_ours.find(rule.packed.bytes());
    const bool there = found != present_is_ours.end();
    if (there && !found->second) {
      plan.respected.push_back(&rule);
      continue;
    }
    (there ? plan.kept : plan.absent).push_back(&rule);
    lists[rule.packed.list()].wished.push_back(&rule);
  }
  for (const auto& [number, list] : lists) plan_list(list, plan);
  return plan;
}

}  // namespace sightline::agent
