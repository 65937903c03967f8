#include "replay/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numbers>

#include "replay/everyday_host.h"

namespace sightline::replay {
namespace {

constexpr std::size_t kHosts = 8;
constexpr double kAuditShare = 0.6;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kStoryBeforeEndMs = 70L * 60'000;
constexpr double kEventsPerActivity = 8;  // about; only how evenly times spread depends on it
constexpr std::uint64_t kSliceEvents = 20'000;

std::vector<Host> make_hosts(Random random) {
  constexpr std::array<std::string_view, kHosts> kNames{"bastion-1", "reports-1", "web-1", "web-2",
                                                        "app-1",     "app-2",     "db-1",  "ci-1"};
  constexpr std::array<std::string_view, kHosts> kRoles{kRoleA,    kRoleB,    "webRole", "webRole",
                                                        "appRole", "appRole", kRoleA,    "ciRole"};
  std::vector<Host> hosts;
  hosts.reserve(kHosts);
  for (std::size_t i = 0; i < kHosts; ++i) {
    hosts.push_back({std::string(kNames[i]), fmt::format("host-{}.audit.log", static_cast<char>('a' + i)),
                     random.uuid(), "i-0" + random.hex(16), fmt::format("10.0.{}.{}", 1 + i / 4, 31 + i * 17),
                     std::string(kRoles[i])});
  }
  hosts[0].agent_id = kAgentA;
  hosts[0].instance_id = kInstanceA;
  hosts[1].agent_id = kAgentB;
  hosts[1].instance_id = kInstanceB;
  return hosts;
}

std::vector<EverydayCloud::Instance> instances_of(const std::vector<Host>& hosts) {
  std::vector<EverydayCloud::Instance> instances;
  instances.reserve(hosts.size());
  for (const Host& host : hosts) instances.push_back({host.instance_id, host.role, true});
  // On the story's hosts nothing but the Systems Manager agent uses the role; others with the same roles do.
  instances[0].application = false;
  instances[1].application = false;
  std::ranges::rotate(instances, instances.begin() + 2);
  return instances;
}

// Work follows the day: about twice as much in the afternoon (UTC) as at night.
std::int64_t everyday_time(Random& random, std::int64_t from_ms, std::int64_t to_ms) {
  while (true) {
    const std::int64_t time_ms = random.between(from_ms, to_ms - 1);
    const double hour = static_cast<double>(time_ms % (24 * kHourMs)) / static_cast<double>(kHourMs);
    const double busy = 0.75 - 0.25 * std::cos((hour - 4) / 24 * 2 * std::numbers::pi);
    if (random.chance(busy)) return time_ms;
  }
}

// Fills a host's log with at least `events` everyday events and writes it, slice by slice.
void write_everyday(HostLog& log, Random random, std::int64_t from_ms, std::int64_t end_ms, std::uint64_t events) {
  EverydayHost everyday(log, random.fork("activities"));
  const std::int64_t to_ms = end_ms - EverydayHost::kMaxActivityMs;
  const std::uint64_t before = log.added();
  const std::uint64_t slices = std::max<std::uint64_t>(1, events / kSliceEvents);
  const std::int64_t slice_ms = (to_ms - from_ms) / static_cast<std::int64_t>(slices);
  for (std::uint64_t slice = 0; slice < slices; ++slice) {
    const std::int64_t start_ms = from_ms + static_cast<std::int64_t>(slice) * slice_ms;
    const std::uint64_t target = before + events * (slice + 1) / slices;
    while (log.added() < target) {
      // Drawn in bulk and sorted, so that process ids and sessions rise with time.
      const auto missing = static_cast<double>(target - log.added());
      std::vector<std::int64_t> times(static_cast<std::size_t>(missing / kEventsPerActivity) + 1);
      for (std::int64_t& time_ms : times) time_ms = everyday_time(random, start_ms, start_ms + slice_ms);
      std::ranges::sort(times);
      for (const std::int64_t time_ms : times) {
        if (log.added() < target) everyday.act(time_ms);
      }
    }
    log.write_until(start_ms + slice_ms);
  }
  log.write_until(std::numeric_limits<std::int64_t>::max());
}

// Everyday CloudTrail times: evenly spread, rising.
std::int64_t spread_time(Random& random, std::int64_t from_ms, std::int64_t end_ms, std::uint64_t i,
                         std::uint64_t count) {
  const double at = (static_cast<double>(i) + random.fraction()) / static_cast<double>(count);
  return from_ms + static_cast<std::int64_t>(at * static_cast<double>(end_ms - from_ms));
}

class Writer {
 public:
  explicit Writer(const ReplayOptions& options) : options_(options), random_(options.seed) {
    contents_.seed = options.seed;
    contents_.end_ms = options.end_ms;
    contents_.from_ms = options.end_ms - options.span_ms;
  }

  Result<ReplayContents> write() {
    std::error_code error;
    std::filesystem::create_directories(options_.folder, error);
    if (error)
      return fail(ErrorCode::unavailable, fmt::format("cannot make {}: {}", options_.folder.string(), error.message()));
    const std::vector<Host> hosts = make_hosts(random_.fork("hosts"));
    const std::vector<EverydayCloud::Instance> instances = instances_of(hosts);
    EverydayCloud cloud(random_.fork("cloud"), instances);
    if (auto written = write_hosts(hosts, cloud); !written) return std::unexpected(written.error());
    if (auto written = write_cloud(cloud); !written) return std::unexpected(written.error());
    auto answers = OutputFile::open(options_.folder / "answers.json", false);
    if (!answers) return std::unexpected(answers.error());
    answers->write(answers_json(contents_));
    if (auto closed = answers->close(); !closed) return std::unexpected(closed.error());
    return std::move(contents_);
  }

 private:
  Result<void> write_hosts(const std::vector<Host>& hosts, const EverydayCloud& cloud) {
    std::vector<OutputFile> files;
    std::vector<HostLog> logs;
    files.reserve(hosts.size());
    logs.reserve(hosts.size());
    for (const Host& host : hosts) {
      auto file = OutputFile::open(options_.folder / host.file, false);
      if (!file) return std::unexpected(file.error());
      files.push_back(std::move(*file));
      OutputFile* out = &files.back();
      logs.emplace_back(
          host, random_.fork(host.file), [out](std::string_view bytes) { out->write(bytes); },
          [this](EventFacts facts) { contents_.events.push_back(std::move(facts)); });
    }
    Random story_random = random_.fork("story");
    Story story = tell_story(logs[0], logs[1], cloud, story_random, options_.end_ms - kStoryBeforeEndMs);
    contents_.login_a_ms = story.login_a_ms;
    contents_.story_end_ms = story.end_ms;
    story_cloud_ = std::move(story.cloud);
    const auto everyday = static_cast<std::uint64_t>(static_cast<double>(options_.everyday) * kAuditShare);
    for (std::size_t i = 0; i < hosts.size(); ++i) {
      const std::size_t before = contents_.events.size();
      write_everyday(logs[i], random_.fork(hosts[i].name), contents_.from_ms, contents_.end_ms,
                     everyday / hosts.size() + 1);
      if (auto closed = files[i].close(); !closed) return closed;
      contents_.files.push_back(
          {hosts[i].file, "auditd", false, hosts[i], contents_.events.size() - before, files[i].written_bytes()});
    }
    return {};
  }

  // One file an hour.
  Result<void> write_cloud(EverydayCloud& cloud) {
    Random random = random_.fork("cloud times");
    const std::uint64_t count =
        options_.everyday - static_cast<std::uint64_t>(static_cast<double>(options_.everyday) * kAuditShare);
    const std::int64_t last_ms = contents_.end_ms - 60'000;
    std::uint64_t next = 0;
    std::int64_t next_ms = spread_time(random, contents_.from_ms, last_ms, next, count);
    const std::int64_t hours = (options_.span_ms + kHourMs - 1) / kHourMs;
    for (std::int64_t hour = 0; hour < hours; ++hour) {
      const std::int64_t until_ms = contents_.from_ms + (hour + 1) * kHourMs;
      std::vector<CloudLine> lines;
      while (next < count && next_ms < until_ms) {
        CloudLine& line = lines.emplace_back();
        line.facts = cloud.append(line.json, next_ms);
        if (++next < count) next_ms = spread_time(random, contents_.from_ms, last_ms, next, count);
      }
      std::erase_if(story_cloud_, [&](CloudLine& line) {
        const bool now = line.facts.time_ms < until_ms;
        if (now) lines.push_back(std::move(line));
        return now;
      });
      std::ranges::stable_sort(lines, {}, [](const CloudLine& line) { return line.facts.time_ms; });
      if (lines.empty()) continue;
      if (auto written = write_cloud_file(hour + 1, lines); !written) return written;
    }
    return {};
  }

  Result<void> write_cloud_file(std::int64_t number, std::vector<CloudLine>& lines) {
    const std::string name = fmt::format("cloudtrail-{:02}.json{}", number, options_.gzip ? ".gz" : "");
    auto file = OutputFile::open(options_.folder / name, options_.gzip);
    if (!file) return std::unexpected(file.error());
    file->write("{\"Records\":[");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i > 0) file->write(",");
      file->write(lines[i].json);
      lines[i].facts.file = name;
      contents_.events.push_back(std::move(lines[i].facts));
    }
    file->write("]}");
    contents_.files.push_back({name, "cloudtrail", options_.gzip, std::nullopt, lines.size(), file->written_bytes()});
    return file->close();
  }

  const ReplayOptions& options_;
  Random random_;
  ReplayContents contents_;
  std::vector<CloudLine> story_cloud_;
};

}  // namespace

Result<ReplayContents> write_replay(const ReplayOptions& options) {
  if (options.span_ms < kMinSpanMs) return fail(ErrorCode::invalid_input, "the span must be three hours or more");
  if (options.end_ms < options.span_ms)
    return fail(ErrorCode::invalid_input, "the end must lie after 1970 plus the span");
  return Writer(options).write();
}

void write_cloudtrail(const BulkOptions& options, OutputFile& out) {
  constexpr std::size_t kFlushBytes = 1 << 20;
  Random random(options.seed);
  const std::vector<Host> hosts = make_hosts(random.fork("hosts"));
  EverydayCloud cloud(random.fork("cloud"), instances_of(hosts));
  std::string buffer;
  for (std::uint64_t i = 0; i < options.events; ++i) {
    cloud.append(buffer, spread_time(random, options.end_ms - options.span_ms, options.end_ms, i, options.events));
    buffer += '\n';
    if (buffer.size() < kFlushBytes) continue;
    out.write(buffer);
    buffer.clear();
  }
  out.write(buffer);
}

std::uint64_t write_audit(const BulkOptions& options, OutputFile& out) {
  Random random(options.seed);
  HostLog log(make_hosts(random.fork("hosts"))[2], random.fork("log"),
              [&](std::string_view bytes) { out.write(bytes); }, {});
  write_everyday(log, random.fork("everyday"), options.end_ms - options.span_ms, options.end_ms, options.events);
  return log.added();
}

}  // namespace sightline::replay
