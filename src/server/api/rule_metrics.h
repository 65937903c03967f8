// Figures of rules for /metrics; their number is bounded, however many rules there are.
#pragma once

#include <vector>

#include "detect/active_rules.h"
#include "server/api/metric_family.h"
#include "server/pipeline_metrics.h"

namespace sightline::api {

inline constexpr std::uint64_t kRulesWithSeries = 500;  // the first so many that matched
inline constexpr std::size_t kDearestRules = 20;

void append_rules(std::vector<MetricFamily>& out, const detect::ActiveRules& rules,
                  const server::PipelineMetrics& pipeline);

}  // namespace sightline::api
