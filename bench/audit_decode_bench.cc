// Audit records per CPU-second: our decoder beside libauparse, on the same generated lines in the same run.
//
//   audit_decode_bench [records [rounds]]      500000 records and 5 rounds unless told
//
// Prints the best round of each. "raw" is libauparse visiting every field, "interpreted" with every field's meaning;
// ours always does all it does: joined, decoded, named and mapped to the schema, the original kept.
#include <auparse.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string>

#include "sources/audit/audit_decoder.h"

namespace {

using sightline::sources::Decoded;

// What a busy host records: programs started, files opened, connections, logins; as auditd writes it.
class LineGenerator {
 public:
  explicit LineGenerator(bool enriched) : enriched_(enriched) {}

  std::string generate(std::size_t records) {
    while (records_ < records) {
      stamp_ = fmt::format("{}.{:03}:{}", 1'600'362'902 + serial_ / 500, serial_ * 2 % 1000, serial_);
      ++serial_;
      const unsigned kind = pick(10);
      if (kind < 4) {
        start();
      } else if (kind < 7) {
        open();
      } else if (kind < 9) {
        connect();
      } else {
        login();
      }
    }
    return std::move(text_);
  }

  std::size_t records() const { return records_; }
  std::size_t events() const { return serial_ - 1; }

 private:
  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

  void record(std::string_view type, std::string_view body) {
    fmt::format_to(std::back_inserter(text_), "type={} msg=audit({}): {}\n", type, stamp_, body);
    ++records_;
  }

  void syscall(unsigned number, std::string_view outcome, unsigned items, std::string_view comm, std::string_view exe,
               std::string_view key) {
    std::string body = fmt::format(
        "arch=c000003e syscall={} {} a0={:x} a1=7ffed2893{:03x} a2={:x} a3=7ffcc4582df0 items={} ppid={} pid={} "
        "auid=1000 "
        "uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=12 comm=\"{}\" exe=\"{}\" "
        "subj=unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023 key={}",
        number, outcome, pick(4096), pick(4096), pick(64), items, 1000 + pick(9000), 1000 + pick(30000), comm, exe,
        key);
    if (enriched_) {
      body +=
          "\x1d"
          "ARCH=x86_64 SYSCALL=execve AUID=\"ubuntu\" UID=\"root\" GID=\"root\" EUID=\"root\" SUID=\"root\" "
          "FSUID=\"root\" EGID=\"root\" SGID=\"root\" FSGID=\"root\"";
    }
    record("SYSCALL", body);
  }

  void path(unsigned item, std::string_view name, std::string_view role) {
    std::string body = fmt::format(
        "item={} name=\"{}\" inode={} dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 "
        "obj=system_u:object_r:bin_t:s0 nametype={} cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0",
        item, name, pick(9'000'000), role);
    if (enriched_) body += "\x1dOUID=\"root\" OGID=\"root\"";
    record("PATH", body);
  }

  void start() {
    syscall(59, "success=yes exit=0", 2, "grep", "/usr/bin/grep", "\"user_commands\"");
    record("EXECVE",
           fmt::format("argc=4 a0=\"grep\" a1=\"--color=auto\" a2=6D617070696E67206F66{:02X} a3=\"/etc/host{}\"",
                       0x30 + pick(10), pick(1000)));
    record("CWD", "cwd=\"/home/ubuntu/work\"");
    path(0, "/usr/bin/grep", "NORMAL");
    path(1, "/lib64/ld-linux-x86-64.so.2", "NORMAL");
    record("PROCTITLE", "proctitle=67726570002D2D636F6C6F723D6175746F006D617070696E67006F66002F6574632F686F737473");
  }

  void open() {
    const bool found = pick(4) != 0;
    syscall(257, found ? "success=yes exit=3" : "success=no exit=-2", 1, "nginx", "/usr/sbin/nginx", "\"files\"");
    record("CWD", "cwd=\"/var/www\"");
    path(0, fmt::format("static/{}/page{}.html", pick(50), pick(5000)), found ? "NORMAL" : "UNKNOWN");
    record("PROCTITLE", "proctitle=6E67696E783A20776F726B65722070726F63657373");
  }

  void connect() {
    syscall(42, "success=no exit=-115", 0, "curl", "/usr/bin/curl", "(null)");
    record("SOCKADDR", fmt::format("saddr=020001BB0A00{:02X}{:02X}0000000000000000", pick(256), pick(256)));
    record("PROCTITLE", "proctitle=6375726C0068747470733A2F2F6578616D706C652E6F7267");
  }

  void login() {
    record("USER_AUTH",
           fmt::format("pid={} uid=0 auid=4294967295 ses=4294967295 subj=system_u:system_r:sshd_t:s0-s0:c0.c1023 "
                       "msg='op=PAM:authentication grantors=pam_unix acct=\"ubuntu\" exe=\"/usr/sbin/sshd\" "
                       "hostname=10.0.{}.7 addr=10.0.{}.7 terminal=ssh res=success'{}",
                       1000 + pick(9000), pick(256), pick(256), enriched_ ? "\x1dUID=\"root\" AUID=\"unset\"" : ""));
  }

  bool enriched_;
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

void decode_ours(const std::string& text, std::size_t expected_events) {
  const auto decoder = sightline::audit::make_audit_decoder({});
  std::size_t events = 0;
  for (std::size_t at = 0; at < text.size(); at += kChunkBytes) {
    Decoded out;
    decoder->write(std::string_view(text).substr(at, kChunkBytes), out);
    events += out.events.size();
  }
  Decoded out;
  decoder->finish(out);
  events += out.events.size();
  if (events != expected_events) fmt::print("expected {} events, got {}\n", expected_events, events);
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

// The best of some rounds, in records per CPU-second.
double measure(std::size_t records, int rounds, const std::function<void()>& run) {
  double best = 0;
  for (int round = 0; round < rounds; ++round) {
    const double start = cpu_seconds();
    run();
    best = std::max(best, static_cast<double>(records) / (cpu_seconds() - start));
  }
  return best;
}

void compare(bool enriched, std::size_t records, int rounds) {
  LineGenerator generator(enriched);
  const std::string text = generator.generate(records);
  fmt::print("{} lines: {} records, {} events, {:.0f} bytes a record\n", enriched ? "enriched" : "raw",
             generator.records(), generator.events(),
             static_cast<double>(text.size()) / static_cast<double>(generator.records()));
  const double ours = measure(generator.records(), rounds, [&] { decode_ours(text, generator.events()); });
  const double raw = measure(generator.records(), rounds, [&] { decode_auparse(text, false); });
  const double interpreted = measure(generator.records(), rounds, [&] { decode_auparse(text, true); });
  fmt::print("  sightline            {:>9.0f} records per CPU-second, {:.0f} MB/s\n", ours,
             ours * static_cast<double>(text.size()) / static_cast<double>(generator.records()) / 1e6);
  fmt::print("  auparse raw          {:>9.0f}, ours is {:.2f} times that\n", raw, ours / raw);
  fmt::print("  auparse interpreted  {:>9.0f}, ours is {:.2f} times that\n", interpreted, ours / interpreted);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t records = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  compare(false, records, rounds);
  compare(true, records, rounds);
}
