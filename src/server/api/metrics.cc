#include "server/api/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <mutex>

#include "server/api/metric_family.h"
#include "server/api/rule_metrics.h"

namespace sightline::api {

namespace {

const prometheus::Histogram::BucketBoundaries kSecondsBuckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                                 0.25,  0.5,    1,     2.5,  5,     10,   30};

// Only methods and patterns that exist become labels: a client cannot make series.
std::string route_label(const http::Exchange& exchange) { return exchange.pattern.empty() ? "none" : exchange.pattern; }
std::string method_label(const http::Exchange& exchange) {
  return exchange.pattern.empty() ? "other" : exchange.method;
}

void append_pipeline(std::vector<MetricFamily>& out, const server::PipelineMetrics& m) {
  out.push_back(counter("sightline_ingest_requests_total", "Ingest requests taken", m.requests));
  out.push_back(counter("sightline_ingest_body_bytes_total", "Bytes of their bodies, as received", m.body_bytes));
  out.push_back(counter("sightline_ingest_events_total", "Events stored", m.events_accepted));
  out.push_back(counter("sightline_ingest_duplicate_events_total",
                        "Events stored and marked as copies of an earlier one", m.events_duplicate));
  out.push_back(counter("sightline_ingest_rejected_lines_total", "Lines that could not be decoded", m.lines_rejected));
  out.push_back(
      counter("sightline_quarantine_dropped_total", "Rejected lines not kept for want of room", m.quarantine_dropped));
  out.push_back(counter("sightline_batches_committed_total", "Batches committed", m.batches_committed));
  out.push_back(
      counter("sightline_batches_replayed_total", "Batches that had been committed before", m.batches_replayed));
  out.push_back(counter("sightline_batches_recovered_total", "Batches finished after a crash or a failed commit",
                        m.batches_recovered));
  out.push_back(counter("sightline_repairs_failed_total",
                        "Attempts that failed to finish what a crash or a failed commit left", m.repairs_failed));
  out.push_back(counter("sightline_batch_conflicts_total", "Keys used again for another body", m.conflicts));
  out.push_back(labelled_counter("sightline_ingest_busy_total", "Ingest requests refused for want of room", "reason",
                                 {{"full", m.refused_busy}, {"share", m.refused_share}}));
  out.push_back(counter("sightline_alerts_opened_total", "Alerts opened", m.alerts_opened));
  out.push_back(counter("sightline_commits_total", "Commits, each of one or more batches", m.commits));
  out.push_back(counter("sightline_commits_failed_total", "Commits that failed", m.commits_failed));
  out.push_back(seconds("sightline_decode_seconds_total", "Time spent decoding", m.decode_us));
  out.push_back(seconds("sightline_mask_seconds_total", "Of that, looking for secrets", m.mask_us));
  out.push_back(seconds("sightline_wait_seconds_total", "From admission to the commit, over all batches", m.wait_us));
  out.push_back(seconds("sightline_detect_seconds_total", "Time spent in rules", m.detect_us));
  out.push_back(seconds("sightline_append_seconds_total", "Time spent storing events", m.append_us));
  out.push_back(seconds("sightline_commit_seconds_total", "Time spent in the control database", m.commit_us));
  out.push_back(gauge("sightline_ingest_queued_requests", "Ingest requests waiting for a commit", m.queued_requests));
  out.push_back(gauge("sightline_ingest_queued_bytes", "Bytes of their events", m.queued_bytes));
  const std::uint64_t since_us = m.oldest_since_us;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  const double age_us = since_us == 0 ? 0 : static_cast<double>(now_us) - static_cast<double>(since_us);
  out.push_back(family("sightline_ingest_oldest_seconds", "How long the oldest of them has waited", MetricType::Gauge,
                       age_us / 1e6));
}

void append_store(std::vector<MetricFamily>& out, const store::EventStore::Counters& c) {
  out.push_back(
      counter("sightline_originals_shaped_total", "Originals stored as shape and values", c.originals_shaped));
  out.push_back(counter("sightline_originals_not_shaped_total",
                        "Originals stored as bytes: no JSON, or not what its values give back",
                        c.originals_not_shaped));
  out.push_back(counter("sightline_originals_over_limit_total", "Originals stored as bytes: too many distinct shapes",
                        c.originals_over_limit));
  out.push_back(counter("sightline_unnumbered_attributes_total", "Values of paths beyond those that are listed",
                        c.unnumbered_attributes));
  out.push_back(gauge("sightline_attribute_keys", "Paths that are listed", c.attribute_keys));
}

// Since the data directory was made, as the audit log has it.
void append_removed(std::vector<MetricFamily>& out, const control::Removed& removed) {
  out.push_back(
      counter("sightline_retention_removed_batches_total", "Batches whose events retention removed", removed.batches));
  out.push_back(counter("sightline_retention_removed_events_total", "Events that retention removed", removed.events));
  out.push_back(counter("sightline_retention_removed_quarantined_total", "Quarantined lines that retention removed",
                        removed.quarantined));
  out.push_back(gauge("sightline_retention_received_before_seconds",
                      "What was received before this time is removed; seconds since 1970, 0: nothing is",
                      static_cast<std::uint64_t>(removed.received_before_ms / 1'000)));
}

void append_load(std::vector<MetricFamily>& out, const http::Load& load) {
  out.push_back(gauge("sightline_http_connections", "Open connections", load.connections));
  out.push_back(gauge("sightline_http_body_bytes", "Memory held by request bodies", load.inflight_body_bytes));
  out.push_back(gauge("sightline_http_ingest_queued", "Ingest requests waiting for a thread", load.ingest_queued));
  out.push_back(gauge("sightline_http_ingest_running", "Ingest requests on a thread", load.ingest_running));
  out.push_back(gauge("sightline_http_query_queued", "Other requests waiting for a thread", load.query_queued));
  out.push_back(gauge("sightline_http_query_running", "Other requests on a thread", load.query_running));
  out.push_back(labelled_counter("sightline_http_refused_connections_total", "Connections over a limit", "limit",
                                 {{"total", load.refused_connections}, {"address", load.refused_of_address}}));
  out.push_back(counter("sightline_http_displaced_connections_total", "Idle connections closed to make way for others",
                        load.displaced));
  out.push_back(counter("sightline_http_failed_handshakes_total", "TLS handshakes that failed or took too long",
                        load.failed_handshakes));
}

}  // namespace

struct Metrics::State {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter().Name("sightline_http_requests_total").Help("Requests answered").Register(registry);
  prometheus::Family<prometheus::Histogram>& durations = prometheus::BuildHistogram()
                                                             .Name("sightline_http_request_seconds")
                                                             .Help("From the head's first byte to the answer's last")
                                                             .Register(registry);
  prometheus::Family<prometheus::Counter>& refusals = prometheus::BuildCounter()
                                                          .Name("sightline_http_refusals_total")
                                                          .Help("Requests without the right they need")
                                                          .Register(registry);
  prometheus::Counter& failed_removals = prometheus::BuildCounter()
                                             .Name("sightline_retention_failed_total")
                                             .Help("Rounds of retention that failed; the log says why")
                                             .Register(registry)
                                             .Add({});
  prometheus::Family<prometheus::Counter>& quota_refusals = prometheus::BuildCounter()
                                                                .Name("sightline_quota_refusals_total")
                                                                .Help("Requests over their token's quota")
                                                                .Register(registry);
  std::mutex mutex;  // guards load
  std::function<http::Load()> load;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::count_request(const http::Exchange& exchange) {
  const std::string route = route_label(exchange);
  state_->requests
      .Add({{"route", route}, {"method", method_label(exchange)}, {"status", fmt::format("{}", exchange.status)}})
      .Increment();
  state_->durations.Add({{"route", route}}, kSecondsBuckets)
      .Observe(static_cast<double>(exchange.duration.count()) / 1e6);
}

void Metrics::count_refusal(std::string_view reason) {
  state_->refusals.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::count_failed_removal() { state_->failed_removals.Increment(); }

void Metrics::count_quota_refusal(std::string_view quota) {
  state_->quota_refusals.Add({{"quota", std::string(quota)}}).Increment();
}

void Metrics::set_load_source(std::function<http::Load()> source) {
  const std::lock_guard lock(state_->mutex);
  state_->load = std::move(source);
}

std::string Metrics::render(const server::PipelineMetrics& pipeline, const store::EventStore::Counters& store,
                            const detect::ActiveRules& rules, bool ready,
                            const std::optional<control::Removed>& removed) const {
  std::vector<MetricFamily> families = state_->registry.Collect();
  append_pipeline(families, pipeline);
  append_store(families, store);
  append_removed(families, removed.value_or(control::Removed{}));
  append_rules(families, rules, pipeline);
  families.push_back(gauge("sightline_ready", "1 while ingest is possible", ready ? 1 : 0));
  std::function<http::Load()> load;
  {
    const std::lock_guard lock(state_->mutex);
    load = state_->load;
  }
  if (load) append_load(families, load());
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace sightline::api
