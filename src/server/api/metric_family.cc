#include "server/api/metric_family.h"

namespace sightline::api {

MetricFamily family(const char* name, const char* help, MetricType type, double value) {
  MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = type;
  prometheus::ClientMetric metric;
  if (type == MetricType::Counter) metric.counter.value = value;
  if (type == MetricType::Gauge) metric.gauge.value = value;
  made.metric.push_back(std::move(metric));
  return made;
}

MetricFamily counter(const char* name, const char* help, std::uint64_t value) {
  return family(name, help, MetricType::Counter, static_cast<double>(value));
}

MetricFamily labelled_counter(const char* name, const char* help, const char* label,
                              std::initializer_list<std::pair<const char*, std::uint64_t>> values) {
  MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = MetricType::Counter;
  for (const auto& [word, value] : values) {
    prometheus::ClientMetric& metric = made.metric.emplace_back();
    metric.label.push_back({label, word});
    metric.counter.value = static_cast<double>(value);
  }
  return made;
}

MetricFamily gauge(const char* name, const char* help, std::uint64_t value) {
  return family(name, help, MetricType::Gauge, static_cast<double>(value));
}

MetricFamily seconds(const char* name, const char* help, std::uint64_t value_us) {
  return family(name, help, MetricType::Counter, static_cast<double>(value_us) / 1e6);
}

}  // namespace sightline::api
