// Loads CloudTrail records through the real decoder into a fresh store and measures what design and issues set floors
// for: events per CPU-second to durable, bytes an event, and the latency of everyday searches. Prints a table.
//
//   store_search_bench RECORDS.ndjson [BATCH_ROWS] [KEEP_DIRECTORY]
//   store_search_bench --reopen KEEP_DIRECTORY [PART_OF_A_NAME]
//
// The first keeps the store, and beside it the values to ask for, where a directory is named; the second searches it
// again: all searches, or those whose name has that part. With LOAD_ONLY=1 in the environment the first stops after
// loading.
//
// Make the records with: sightline-replay --cloudtrail 1000000 --out RECORDS.ndjson (which may be a named pipe).
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "query/checker.h"
#include "query/parser.h"
#include "query/path_catalog.h"
#include "sources/cloudtrail/cloudtrail_decoder.h"
#include "store/clickhouse/embedded/embedded_store.h"
#include "store/event_store.h"

namespace sightline {
namespace {

double process_cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double thread_cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Values seen while loading, to ask for.
struct Samples {
  std::vector<std::string> ids;
  std::vector<std::string> event_ids;
  std::vector<std::string> instance_ids;
  std::int64_t first_ms = INT64_MAX;
  std::int64_t last_ms = INT64_MIN;
};

std::filesystem::path samples_file(std::filesystem::path directory) { return directory += ".samples"; }

void save(const Samples& samples, const std::filesystem::path& directory) {
  std::ofstream out(samples_file(directory));
  out << samples.first_ms << ' ' << samples.last_ms << '\n';
  for (const auto* values : {&samples.ids, &samples.event_ids, &samples.instance_ids}) {
    out << values->size() << '\n';
    for (const std::string& value : *values) out << value << '\n';
  }
}

Samples saved_samples(const std::filesystem::path& directory) {
  std::ifstream in(samples_file(directory));
  Samples samples;
  in >> samples.first_ms >> samples.last_ms;
  for (auto* values : {&samples.ids, &samples.event_ids, &samples.instance_ids}) {
    std::size_t size = 0;
    in >> size;
    values->resize(size);
    for (std::string& value : *values) in >> value;
  }
  return samples;
}

struct Load {
  std::uint64_t events = 0;
  std::uint64_t input_bytes = 0;
  double decode_cpu_s = 0;
  double append_cpu_s = 0;  // of the appending thread
  double total_cpu_s = 0;   // of the process, merges in the background included
  double wall_s = 0;
  double settle_cpu_s = 0;  // merges after the last append
};

[[noreturn]] void die(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  std::exit(1);
}

class Loader {
 public:
  Loader(store::EventStore& store, std::size_t batch_rows, Samples& samples)
      : store_(store), batch_rows_(batch_rows), samples_(samples) {}

  Load run(const std::filesystem::path& file) {
    const double start_cpu = process_cpu_s();
    const double start = now_ms();
    std::ifstream in(file, std::ios::binary);
    std::string chunk(1 << 20, '\0');
    while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), in.gcount() > 0) {
      const double before = thread_cpu_s();
      decoder_->write({chunk.data(), static_cast<std::size_t>(in.gcount())}, decoded_);
      load_.decode_cpu_s += thread_cpu_s() - before;
      load_.input_bytes += static_cast<std::uint64_t>(in.gcount());
      if (decoded_.events.size() >= batch_rows_) flush();
    }
    decoder_->finish(decoded_);
    flush();
    load_.total_cpu_s = process_cpu_s() - start_cpu;
    load_.wall_s = (now_ms() - start) / 1000;
    return load_;
  }

 private:
  void flush() {
    if (decoded_.events.empty()) return;
    const double before = thread_cpu_s();
    store::BatchHeader header;
    header.number = ++number_;
    header.key = {"bench", "cloudtrail", 1, number_};
    header.format = "cloudtrail";
    header.received_time_ms = 1'780'000'000'000;
    const BatchId batch_id = make_batch_id(header.key);
    std::uint32_t index = 0;
    for (Event& event : decoded_.events.events()) {
      event.id = make_event_id(batch_id, index++);
      event.received_time_ms = header.received_time_ms;
    }
    const std::array<store::PendingBatch, 1> batch{store::PendingBatch{header, &decoded_.events}};
    if (const Result<void> done = store_.append(batch); !done) die(done.error().message);
    load_.append_cpu_s += thread_cpu_s() - before;
    load_.events += decoded_.events.size();
    sample();
    decoded_ = {};
  }

  void sample() {
    const std::vector<Event>& events = decoded_.events.events();
    for (std::size_t i = 7; i < events.size(); i += 4999) {
      samples_.ids.push_back(to_string(events[i].id));
      samples_.event_ids.emplace_back(events[i].text(FieldId::event_id).value_or(""));
      const auto session = events[i].text(FieldId::role_session_name);
      if (session && session->starts_with("i-")) samples_.instance_ids.emplace_back(*session);
    }
    for (const Event& event : events) {
      samples_.first_ms = std::min(samples_.first_ms, event.event_time_ms);
      samples_.last_ms = std::max(samples_.last_ms, event.event_time_ms);
    }
  }

  store::EventStore& store_;
  std::size_t batch_rows_;
  Samples& samples_;
  Load load_;
  std::uint64_t number_ = 0;
  std::unique_ptr<sources::Decoder> decoder_ = cloudtrail::make_cloudtrail_decoder({});
  sources::Decoded decoded_;
};

// Waits until the background has merged what it wants to.
void settle(store::EventStore& store, Load& load) {
  const double before = process_cpu_s();
  std::uint64_t parts = 0;
  for (int quiet = 0; quiet < 20;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    const auto statistics = store.statistics();
    quiet = statistics && statistics->parts == parts ? quiet + 1 : 0;
    if (statistics) parts = statistics->parts;
  }
  load.settle_cpu_s = process_cpu_s() - before;
}

struct Measured {
  std::vector<double> wall_ms;
  double cpu_ms = 0;
  std::size_t results = 0;
  std::uint64_t scanned = 0;
};

class Searcher {
 public:
  // Runs the searches whose name has the part.
  Searcher(store::EventStore& store, std::string_view part) : store_(store), part_(part), catalog_(paths_of(store)) {}

  void measure(std::string_view name, const std::function<std::string(std::size_t)>& text) {
    if (!name.contains(part_)) return;
    constexpr std::size_t kRuns = 15;
    run(text(kRuns));  // warms caches with another value
    Measured measured;
    const double cpu = process_cpu_s();
    for (std::size_t i = 0; i < kRuns; ++i) {
      const double start = now_ms();
      const store::SearchResult result = run(text(i));
      measured.wall_ms.push_back(now_ms() - start);
      measured.results = result.table ? result.table->rows.size() : result.events.size();
      measured.scanned = result.scanned_rows;
    }
    measured.cpu_ms = (process_cpu_s() - cpu) * 1000 / kRuns;
    std::ranges::sort(measured.wall_ms);
    fmt::print("| {:<44} | {:>8.1f} | {:>8.1f} | {:>8.1f} | {:>8.1f} | {:>7} | {:>9} |\n", name,
               measured.wall_ms[kRuns / 2], measured.wall_ms.front(), measured.wall_ms.back(), measured.cpu_ms,
               measured.results, measured.scanned);
    std::fflush(stdout);
  }

  store::SearchResult run(const std::string& text) {
    auto query = query::parse(text);
    if (!query) die(query::render(query.error(), text));
    if (auto checked = query::check(*query, {.catalog = &catalog_, .now_ms = 0}); !checked) {
      die(query::render(checked.error(), text));
    }
    store::SearchRequest request;
    request.query = &*query;
    request.newest_batch = UINT64_MAX - 1;  // the server bounds every search
    Result<store::SearchResult> result = store_.search(request, {});
    if (!result) die(text + ": " + result.error().message);
    return std::move(*result);
  }

 private:
  static query::SetPathCatalog paths_of(store::EventStore& store) {
    const std::vector<std::string> paths = store.attribute_paths();
    return query::SetPathCatalog(paths);
  }

  store::EventStore& store_;
  std::string_view part_;
  query::SetPathCatalog catalog_;
};

void print_load(const Load& load, const store::EventStore::Statistics& statistics) {
  const auto events = static_cast<double>(load.events);
  fmt::print("{} events, {:.0f} bytes of JSON each, {} parts\n\n", load.events,
             static_cast<double>(load.input_bytes) / events, statistics.parts);
  fmt::print("| loading | |\n|---|---|\n");
  fmt::print("| events per CPU-second, decode to durable | {:.0f} |\n", events / load.total_cpu_s);
  fmt::print("| … merges after the end counted too | {:.0f} |\n", events / (load.total_cpu_s + load.settle_cpu_s));
  fmt::print("| decode, µs an event | {:.2f} |\n", load.decode_cpu_s * 1e6 / events);
  fmt::print("| append in its own thread, µs an event | {:.2f} |\n", load.append_cpu_s * 1e6 / events);
  fmt::print("| engine's threads, µs an event | {:.2f} |\n",
             (load.total_cpu_s - load.decode_cpu_s - load.append_cpu_s) * 1e6 / events);
  fmt::print("| events per second of wall time | {:.0f} |\n", events / load.wall_s);
  fmt::print("| bytes an event on disk | {:.1f} |\n\n", static_cast<double>(statistics.bytes_on_disk) / events);
}

// The first search makes the store read what it held when it was opened. Waits until it no longer works.
void wait_until_idle() {
  for (double before = -1; process_cpu_s() - before > 0.02;) {
    before = process_cpu_s();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

void run_searches(store::EventStore& store, const Samples& samples, std::string_view part) {
  Searcher searcher(store, part);
  searcher.run("uid = 1");
  wait_until_idle();
  const auto at = [](const std::vector<std::string>& values, std::size_t i) { return values[i * 37 % values.size()]; };
  const std::array names{"GetObject", "AssumeRole", "DescribeInstances", "PutObject", "Decrypt"};
  const std::array rare{"RunInstances", "TerminateInstances", "AuthorizeSecurityGroupIngress",
                        "UpdateFunctionCode20150331v2"};
  fmt::print("| search | median ms | min | max | CPU ms | results | scanned |\n|---|---|---|---|---|---|---|\n");
  searcher.measure("unique id (eventID)",
                   [&](std::size_t i) { return fmt::format("eventID = \"{}\"", at(samples.event_ids, i)); });
  searcher.measure("unique id (id)", [&](std::size_t i) { return fmt::format("id = \"{}\"", at(samples.ids, i)); });
  searcher.measure("absent id", [&](std::size_t i) {
    return fmt::format("eventID = \"{:08x}-d66f-463c-acce-52b18445fe52\"", i * 7919);
  });
  searcher.measure("substring in userAgent, no word", [&](std::size_t i) {
    return fmt::format("userAgent contains \"{}\"",
                       std::array{"gent/3.1.17", "rraform/1.5", "ari/537.3", "o3/1.2"}[i % 4]);
  });
  searcher.measure("substring in requestParameters.key", [&](std::size_t i) {
    return fmt::format("requestParameters.key contains \"{:02x}e{:x}\"", i * 11 % 256, i);
  });
  searcher.measure("substring in a path without a schema", [&](std::size_t i) {
    return fmt::format("requestParameters.instanceId contains \"{}\"", at(samples.instance_ids, i).substr(5, 8));
  });
  searcher.measure("absent substring in userIdentity.arn",
                   [&](std::size_t i) { return fmt::format("userIdentity.arn contains \"zq{}xw\"", i); });
  searcher.measure("substring anywhere",
                   [&](std::size_t i) { return fmt::format("\"{}\"", at(samples.instance_ids, i).substr(4, 9)); });
  searcher.measure("absent substring anywhere", [&](std::size_t i) { return fmt::format("\"zq{}xwvy\"", i); });
  searcher.measure("field = newest 100 (frequent)",
                   [&](std::size_t i) { return fmt::format("eventName = \"{}\"", names[i % names.size()]); });
  searcher.measure("field = newest 100 (rare)",
                   [&](std::size_t i) { return fmt::format("eventName = \"{}\"", rare[i % rare.size()]); });
  searcher.measure("role session and 90 s", [&](std::size_t i) {
    const std::int64_t from =
        samples.first_ms + (samples.last_ms - samples.first_ms) / 20 * static_cast<std::int64_t>(i);
    return fmt::format("roleSessionName = \"{}\" AND event_time >= {} AND event_time <= {}",
                       at(samples.instance_ids, i), from, from + 90'000);
  });
  searcher.measure("count by eventName",
                   [](std::size_t i) { return fmt::format("uid != {} | count by eventName", i); });
  searcher.measure("count by two fields, filtered", [](std::size_t i) {
    return fmt::format("readOnly = false AND uid != {} | count by eventSource, userIdentity.type", i);
  });
  searcher.measure("top 10 sourceIPAddress",
                   [](std::size_t i) { return fmt::format("uid != {} | top 10 sourceIPAddress", i); });
  searcher.measure("histogram 1h", [](std::size_t i) { return fmt::format("uid != {} | histogram 1h", i); });
  searcher.measure("histogram 1h by eventSource",
                   [](std::size_t i) { return fmt::format("uid != {} | histogram 1h by eventSource", i); });
  searcher.measure("newest 100 of all", [](std::size_t i) { return fmt::format("uid != {}", i); });
}

std::unique_ptr<store::EventStore> open(const std::filesystem::path& directory) {
  Result<std::unique_ptr<store::EventStore>> opened =
      store::open_embedded({.directory = directory.string(), .log = {}});
  if (!opened) die(opened.error().message);
  return std::move(*opened);
}

void load_and_search(const char* records, std::size_t batch_rows, const char* keep) {
  const std::filesystem::path directory =
      keep != nullptr ? std::filesystem::path(keep)
                      : std::filesystem::temp_directory_path() / fmt::format("sightline-bench-{}", getpid());
  std::filesystem::remove_all(directory);
  {
    const std::unique_ptr<store::EventStore> store = open(directory);
    Samples samples;
    Load load = Loader(*store, batch_rows, samples).run(records);
    settle(*store, load);
    print_load(load, store->statistics().value());
    if (keep != nullptr) save(samples, directory);
    if (std::getenv("LOAD_ONLY") == nullptr) run_searches(*store, samples, "");
  }
  if (keep == nullptr) std::filesystem::remove_all(directory);
}

int run(int argc, char** argv) {
  // Memory of one batch serves the next instead of going back to the kernel: where it comes from is not measured here.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (argc > 2 && arguments[1] == std::string_view("--reopen")) {
    run_searches(*open(arguments[2]), saved_samples(arguments[2]), argc > 3 ? arguments[3] : "");
    return 0;
  }
  if (argc < 2) die("usage: store_search_bench RECORDS.ndjson [BATCH_ROWS] [KEEP_DIRECTORY]");
  load_and_search(arguments[1], argc > 2 ? std::strtoull(arguments[2], nullptr, 10) : 50'000,
                  argc > 3 ? arguments[3] : nullptr);
  return 0;
}

}  // namespace
}  // namespace sightline

int main(int argc, char** argv) { return sightline::run(argc, argv); }
