#include "agent/loss/ledger.h"

#include <algorithm>

namespace sightline::agent {

void LossLedger::add(Loss loss) {
  const std::lock_guard lock(mutex_);
  ++total_.count;
  total_.last = sentence(loss);
  total_.last_ms = loss.to_ms;
  merge(std::move(loss));
}

LossLedger::Total LossLedger::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

void LossLedger::merge(Loss loss) {
  const auto [place, is_new] = open_.try_emplace({loss.source, loss.reason}, loss);
  if (is_new) return;
  Loss& sum = place->second;
  sum.count = sum.count && loss.count ? std::optional(*sum.count + *loss.count) : std::nullopt;
  sum.from_ms = std::min(sum.from_ms, loss.from_ms);
  sum.to_ms = std::max(sum.to_ms, loss.to_ms);
  if (sum.detail.empty()) sum.detail = std::move(loss.detail);
}

std::vector<Loss> LossLedger::take() {
  const std::lock_guard lock(mutex_);
  std::vector<Loss> losses;
  losses.reserve(open_.size());
  for (auto& [key, loss] : open_) losses.push_back(std::move(loss));
  open_.clear();
  return losses;
}

void LossLedger::put_back(std::vector<Loss> losses) {
  const std::lock_guard lock(mutex_);
  for (Loss& loss : losses) merge(std::move(loss));
}

bool LossLedger::empty() const {
  const std::lock_guard lock(mutex_);
  return open_.empty();
}

}  // namespace sightline::agent
