// Audit records per CPU-second: our decoder beside libauparse, on the same lines in the same run.
//
//   audit_decode_bench [records [rounds [FILE...]]]      500000 records and 5 rounds unless told
//
// The lines: a day of one host as `sightline-replay --audit` writes it, as the daemon enriches it and without that;
// programs started with long argument lists, the longest records there are; and any FILE. The three take turns, round
// by round. Prints the best round of each, and the median of the rounds' ratios, which a busy machine disturbs least.
// "raw" is libauparse visiting every field, "interpreted" with every field's meaning; ours always does all it does:
// joined, decoded, named and mapped to the schema, the original kept.
#include <auparse.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "replay/replay.h"
#include "sources/audit/audit_decoder.h"

namespace {

using sightline::sources::Decoded;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t count_lines(std::string_view text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

std::string first_lines(std::string text, std::size_t count) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < count && end != std::string::npos; ++i) end = text.find('\n', end) + 1;
  text.resize(std::min(end, text.size()));
  return text;
}

// A day of a busy host: programs started, files opened, connections, logins.
std::string host_day(std::size_t records) {
  constexpr std::int64_t kEndMs = 1'600'362'902'000;
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("audit_decode_bench.{}.log", getpid());
  {
    auto file = sightline::replay::OutputFile::open(path, false);
    if (!file) return {};
    sightline::replay::write_audit({.events = records / 3, .end_ms = kEndMs}, *file);
    if (!file->close()) return {};
  }
  std::string text = read_file(path);
  std::filesystem::remove(path);
  return first_lines(std::move(text), records);
}

// As the kernel wrote it: without what the daemon adds after 0x1d.
std::string without_enrichment(std::string_view text) {
  std::string out;
  bool keep = true;
  for (const char c : text) {
    if (c == '\x1d') keep = false;
    if (c == '\n') keep = true;
    if (keep) out += c;
  }
  return out;
}

// Programs started with 300 to 1500 arguments, some with blanks and so hexadecimal, and one that is cut into pieces.
class LongArguments {
 public:
  std::string generate(std::size_t records) {
    while (records_ < records) start();
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kMaxRecordBytes = 7500;  // as the kernel cuts them
  static constexpr std::size_t kPieces = 8;

  void record(std::string_view type, std::string_view body) {
    fmt::format_to(std::back_inserter(text_), "type={} msg=audit({}): {}\n", type, stamp_, body);
    ++records_;
  }

  void start() {
    stamp_ = fmt::format("{}.{:03}:{}", 1'600'362'902 + serial_, serial_ % 1000, serial_);
    ++serial_;
    record("SYSCALL",
           "arch=c000003e syscall=59 success=yes exit=0 a0=55d0c8a0 a1=55d0c9b0 a2=55d0c5e0 a3=8 items=0 ppid=1201 "
           "pid=1202 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=12 comm=\"rm\" "
           "exe=\"/usr/bin/rm\" subj=unconfined key=\"exec\"");
    const std::size_t count = 300 + random_() % 1200;
    std::string body = fmt::format("argc={}", count + 1);
    for (std::size_t i = 0; i < count; ++i) {
      add(body, i % 8 == 0 ? fmt::format(" a{}=2F746D702F61206E616D652077697468{:06X}", i, random_() % 0xffffff)
                           : fmt::format(" a{}=\"/var/tmp/build/{}/object-{}.o\"", i, random_() % 1000, i));
    }
    add(body, fmt::format(" a{}_len={}", count, kPieces * kMaxRecordBytes / 2));
    for (std::size_t piece = 0; piece < kPieces; ++piece) {
      add(body, fmt::format(" a{}[{}]={}", count, piece, std::string(kMaxRecordBytes / 2, 'A')));
    }
    record("EXECVE", body);
    record("PROCTITLE", "proctitle=726D002D66");
  }

  void add(std::string& body, std::string_view field) {
    if (body.size() + field.size() > kMaxRecordBytes) {
      record("EXECVE", body);
      body.clear();
      field.remove_prefix(1);
    }
    body += field;
  }

  std::mt19937_64 random_{42};
  std::string text_;
  std::string stamp_;
  std::size_t serial_ = 1;
  std::size_t records_ = 0;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

constexpr std::size_t kChunkBytes = 256 * 1024;

void decode_ours(const std::string& text) {
  const auto decoder = sightline::audit::make_audit_decoder({});
  std::uint64_t rejected = 0;
  for (std::size_t at = 0; at < text.size(); at += kChunkBytes) {
    Decoded out;
    decoder->write(std::string_view(text).substr(at, kChunkBytes), out);
    rejected += out.rejected_count;
  }
  Decoded out;
  decoder->finish(out);
  if (rejected + out.rejected_count > 0) fmt::print("  rejected {} lines\n", rejected + out.rejected_count);
}

struct AuparseRun {
  bool interpret = false;
  std::size_t bytes = 0;  // read, so that nothing is optimised away
};

void visit_event(auparse_state_t* state, auparse_cb_event_t, void* data) {
  auto* run = static_cast<AuparseRun*>(data);
  auparse_first_record(state);
  do {
    auparse_first_field(state);
    do {
      const char* value = run->interpret ? auparse_interpret_field(state) : auparse_get_field_str(state);
      if (value != nullptr) run->bytes += static_cast<unsigned char>(*value);
    } while (auparse_next_field(state) > 0);
  } while (auparse_next_record(state) > 0);
}

void decode_auparse(const std::string& text, bool interpret) {
  AuparseRun run{interpret, 0};
  auparse_state_t* state = auparse_init(AUSOURCE_FEED, nullptr);
  auparse_add_callback(state, visit_event, &run, nullptr);
  for (std::size_t at = 0; at < text.size(); at += kChunkBytes) {
    auparse_feed(state, text.data() + at, std::min(kChunkBytes, text.size() - at));
  }
  auparse_flush_feed(state);
  auparse_destroy(state);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void compare(std::string_view name, const std::string& text, int rounds) {
  const std::size_t records = count_lines(text);
  if (records == 0) return fmt::print("{}: nothing to read\n", name);
  const double bytes = static_cast<double>(text.size()) / static_cast<double>(records);
  fmt::print("{}: {} records, {:.0f} bytes a record\n", name, records, bytes);
  const std::array<std::function<void()>, 3> runs{[&] { decode_ours(text); }, [&] { decode_auparse(text, false); },
                                                  [&] { decode_auparse(text, true); }};
  std::array<std::vector<double>, 3> rates;  // records per CPU-second
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const double start = cpu_seconds();
      runs.at(i)();
      rates.at(i).push_back(static_cast<double>(records) / (cpu_seconds() - start));
    }
  }
  const auto ratio = [&](std::size_t i) {
    std::vector<double> ratios;
    std::ranges::transform(rates[0], rates.at(i), std::back_inserter(ratios), std::divides<>());
    return median(std::move(ratios));
  };
  const double best = std::ranges::max(rates[0]);
  fmt::print("  sightline            {:>9.0f} records per CPU-second, {:.0f} MB/s\n", best, best * bytes / 1e6);
  fmt::print("  auparse raw          {:>9.0f}, ours is {:.2f} times that\n", std::ranges::max(rates[1]), ratio(1));
  fmt::print("  auparse interpreted  {:>9.0f}, ours is {:.2f} times that\n", std::ranges::max(rates[2]), ratio(2));
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500'000;
  const int rounds = std::max(1, argc > 2 ? std::atoi(argv[2]) : 5);
  const std::string enriched = host_day(records);
  compare("a host's day, raw", without_enrichment(enriched), rounds);
  compare("a host's day, enriched", enriched, rounds);
  compare("long argument lists", LongArguments().generate(records / 20), rounds);
  for (int i = 3; i < argc; ++i) compare(argv[i], read_file(argv[i]), rounds);
}
