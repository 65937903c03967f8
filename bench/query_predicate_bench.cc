// What a rule costs an event: compiled filters of usual shapes tried on events of usual size, most of which they do not
// match; and what it costs to make one from text.
#include <benchmark/benchmark.h>

#include <array>
#include <stdexcept>
#include <vector>

#include "query/checker.h"
#include "query/parser.h"
#include "query/predicate.h"

namespace {

using namespace sightline;
using namespace sightline::query;

constexpr std::array<const char*, 8> kFilters{
    R"(event_type = "audit" AND type = "start" AND exe starts_with "/tmp/")",
    R"(dst_ip cidr "169.254.169.254" AND NOT exe IN ("/usr/bin/amazon-ssm-agent", "/usr/sbin/chronyd"))",
    R"((command = "sudo" OR command = "su") AND user != "root" AND tty != null)",
    R"_(arguments matches "(?i)base64\s+(-d|--decode)")_",
    R"(arguments icontains "/dev/tcp/")",
    R"(event_type = "cloudtrail" AND eventName IN ("StopLogging", "DeleteTrail", "UpdateTrail"))",
    R"(requestParameters.instanceId = "i-08c9216f243e53fd4")",
    R"("secret-data.txt")",
};

Predicate compiled(std::string_view text) {
  auto expr = parse_expression(text);
  if (!expr || !check(*expr, {})) throw std::logic_error("a filter of the benchmark is wrong");
  Result<Predicate> predicate = Predicate::compile(*expr);
  if (!predicate) throw std::logic_error(predicate.error().message);
  return *predicate;
}

// 500 program starts: 22 fields and 12 attributes each.
EventBatch program_starts() {
  EventBatch batch;
  for (int i = 0; i < 500; ++i) {
    Event& event = batch.add();
    event.event_time_ms = 1'700'000'000'000 + i;
    event.add_text(FieldId::event_type, "audit");
    event.add_text(FieldId::type, "start");
    for (const FieldId field : {FieldId::agent_id, FieldId::hostname, FieldId::instance_id, FieldId::syscall,
                                FieldId::arch, FieldId::cwd, FieldId::comm, FieldId::auser, FieldId::euser}) {
      event.add_text(field, "some-text-of-usual-length");
    }
    event.add_text(FieldId::exe, "/usr/bin/python3.11");
    event.add_text(FieldId::command, "python3.11");
    event.add_text(FieldId::arguments, "python3.11 -m http.server --bind 127.0.0.1 --directory /srv/www/files 8000");
    event.add_text(FieldId::user, "ubuntu");
    event.add_text(FieldId::tty, "pts0");
    for (const FieldId field : {FieldId::pid, FieldId::ppid, FieldId::uid, FieldId::auid, FieldId::session}) {
      event.add_integer(field, 1000 + i);
    }
    event.add_boolean(FieldId::success, true);
    for (const char* path :
         {"a0", "a1", "a2", "a3", "items", "subj", "suid", "fsuid", "egid", "sgid", "fsgid", "per"}) {
      event.add_attribute(path, Attribute::Kind::text, "55d0c0ffee00");
    }
  }
  return batch;
}

void try_on_events(benchmark::State& state) {
  const char* filter = kFilters.at(static_cast<std::size_t>(state.range(0)));
  const Predicate predicate = compiled(filter);
  const EventBatch batch = program_starts();
  for (auto _ : state) {
    for (const Event& event : batch.events()) benchmark::DoNotOptimize(predicate.matches(event));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
  state.SetLabel(filter);
}
BENCHMARK(try_on_events)->DenseRange(0, kFilters.size() - 1);

void make_from_text(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(compiled(kFilters[1]));
}
BENCHMARK(make_from_text);

}  // namespace

BENCHMARK_MAIN();
