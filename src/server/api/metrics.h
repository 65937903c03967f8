// Figures for /metrics, in Prometheus' text format.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "control/retention.h"
#include "detect/active_rules.h"
#include "server/http/server.h"
#include "server/pipeline_metrics.h"
#include "store/event_store.h"

namespace sightline::api {

// Thread-safe. docs/operations.md lists the names.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void count_request(const http::Exchange& exchange);
  // `reason` is one of few fixed words.
  void count_refusal(std::string_view reason);

  void count_failed_removal();
  // `quota` is one of few fixed words.
  void count_quota_refusal(std::string_view quota);

  // Asked at each rendering; set before the server starts.
  void set_load_source(std::function<http::Load()> source);

  std::string render(const server::PipelineMetrics& pipeline, const store::EventStore::Counters& store,
                     const detect::ActiveRules& rules, bool ready,
                     const std::optional<control::Removed>& removed = std::nullopt) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sightline::api
