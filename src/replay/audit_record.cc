#include "replay/audit_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sightline::replay {
namespace {

constexpr char kEnrichedSeparator = '\x1d';

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
}

// x86_64 numbers of the calls the replay makes.
enum class Syscall : int {
  connect = 42,
  execve = 59,
  rename = 82,
  unlink = 87,
  chmod = 90,
  chown = 92,
  openat = 257,
  accept4 = 288,
};

std::string_view name_of(Syscall call) {
  switch (call) {
    case Syscall::connect:
      return "connect";
    case Syscall::execve:
      return "execve";
    case Syscall::rename:
      return "rename";
    case Syscall::unlink:
      return "unlink";
    case Syscall::chmod:
      return "chmod";
    case Syscall::chown:
      return "chown";
    case Syscall::openat:
      return "openat";
    case Syscall::accept4:
      return "accept4";
  }
  return "";
}

struct Call {
  Syscall number = Syscall::execve;
  std::int64_t exit = 0;
  std::array<std::uint64_t, 4> arguments{};
  std::size_t items = 0;
  std::string_view key;
};

AuditRecord syscall_record(const Process& process, const Call& call) {
  AuditRecord record{"SYSCALL", {}, {}};
  const Account& real = process.user;
  const Account& effective = process.effective;
  record.body = fmt::format(
      "arch=c000003e syscall={} success={} exit={} a0={:x} a1={:x} a2={:x} a3={:x} items={} ppid={} pid={} auid={} "
      "uid={} gid={} euid={} suid={} fsuid={} egid={} sgid={} fsgid={} tty={} ses={} comm={} exe={} subj=unconfined "
      "key={}",
      static_cast<int>(call.number), call.exit < 0 ? "no" : "yes", call.exit, call.arguments[0], call.arguments[1],
      call.arguments[2], call.arguments[3], call.items, process.ppid, process.pid, process.login.uid, real.uid,
      real.uid, effective.uid, effective.uid, effective.uid, real.uid, real.uid, real.uid, process.tty, process.session,
      audit_string(process.comm), audit_string(process.exe), call.key.empty() ? "(null)" : audit_string(call.key));
  record.enriched = fmt::format(
      R"(ARCH=x86_64 SYSCALL={} AUID="{}" UID="{}" GID="{}" EUID="{}" SUID="{}" FSUID="{}" EGID="{}" SGID="{}" FSGID="{}")",
      name_of(call.number), process.login.name, real.name, real.name, effective.name, effective.name, effective.name,
      real.name, real.name, real.name);
  return record;
}

// An inode that looks arbitrary and is the same for the same path.
std::uint64_t inode_of(std::string_view path) {
  std::uint64_t hash = 1469598103934665603ULL;
  for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return 131'072 + hash % 900'000;
}

struct Path {
  std::size_t item = 0;
  std::string_view name;
  std::string_view nametype = "NORMAL";
  int mode = 0100755;
  Account owner;
};

AuditRecord path_record(const Path& path) {
  AuditRecord record{"PATH", {}, {}};
  record.body = fmt::format(
      "item={} name={} inode={} dev=ca:01 mode={:07o} ouid={} ogid={} rdev=00:00 nametype={} cap_fp=0 cap_fi=0 "
      "cap_fe=0 cap_fver=0 cap_frootid=0",
      path.item, audit_string(path.name), inode_of(path.name), path.mode, path.owner.uid, path.owner.uid,
      path.nametype);
  record.enriched = fmt::format(R"(OUID="{}" OGID="{}")", path.owner.name, path.owner.name);
  return record;
}

// The kernel's record for a name that led to no file: no inode, no owner.
AuditRecord missing_path_record(std::string_view name) {
  return {"PATH",
          fmt::format("item=0 name={} nametype=UNKNOWN cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0",
                      audit_string(name)),
          {}};
}

AuditRecord proctitle_record(std::string_view title) {
  // Arguments are separated by NUL, so that more than one argument always makes the value hexadecimal.
  std::string bytes(title);
  std::ranges::replace(bytes, ' ', '\0');
  return {"PROCTITLE", "proctitle=" + audit_string(std::string_view(bytes).substr(0, 128)), {}};
}

AuditRecord sockaddr_record(std::string_view address, std::uint16_t port) {
  std::array<unsigned, 4> parts{};
  std::size_t at = 0;
  for (const char c : address) {
    if (c == '.') {
      ++at;
    } else {
      parts[at] = parts[at] * 10 + static_cast<unsigned>(c - '0');
    }
  }
  return {"SOCKADDR",
          fmt::format("saddr=0200{:04X}{:02X}{:02X}{:02X}{:02X}0000000000000000", port, parts[0], parts[1], parts[2],
                      parts[3]),
          fmt::format("SADDR={{ saddr_fam=inet laddr={} lport={} }}", address, port)};
}

AuditEvent socket_event(std::int64_t time_ms, const Process& process, const Call& call, std::string_view address,
                        std::uint16_t port, std::string_view proctitle) {
  AuditEvent event{.time_ms = time_ms, .records = {}, .rule_id = {}};
  event.records = {syscall_record(process, call), sockaddr_record(address, port), proctitle_record(proctitle)};
  return event;
}

Call call_of(const FileEvent& file) {
  constexpr std::uint64_t kAtFdCwd = 0xffffff9c;
  constexpr std::uint64_t kCloseOnExec = 0x80000;
  Call call{.exit = file.exit, .items = 1, .key = file.key};
  switch (file.call) {
    case FileCall::open_read:
      call.number = Syscall::openat;
      call.arguments = {kAtFdCwd, 0x7ffd3a1c9e10, kCloseOnExec, 0};
      break;
    case FileCall::open_create:
      call.number = Syscall::openat;
      call.arguments = {kAtFdCwd, 0x7ffd3a1c9e10, 0x241, 0x1b6};  // O_WRONLY|O_CREAT|O_TRUNC
      call.items = 2;
      break;
    case FileCall::open_write:
      call.number = Syscall::openat;
      call.arguments = {kAtFdCwd, 0x55d0c8a411e0, 0x401, 0};  // O_WRONLY|O_APPEND
      break;
    case FileCall::unlink:
      call.number = Syscall::unlink;
      call.arguments = {0x55d0c8a411e0, 0, 0, 0};
      call.items = 2;
      break;
    case FileCall::rename:
      call.number = Syscall::rename;
      call.arguments = {0x55d0c8a411e0, 0x55d0c8a41240, 0, 0};
      call.items = 4;
      break;
    case FileCall::chmod:
      call.number = Syscall::chmod;
      call.arguments = {0x55d0c8a411e0, 0x1a4, 0, 0};
      break;
    case FileCall::chown:
      call.number = Syscall::chown;
      call.arguments = {0x55d0c8a411e0, 0x21, 0x21, 0};
      break;
  }
  return call;
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? path.substr(0, slash == 0 ? 1 : 0) : path.substr(0, slash + 1);
}

void append_paths(AuditEvent& event, const Process& process, const FileEvent& file) {
  const Account owner = process.effective;
  const auto folder = [&](std::size_t item, std::string_view path) {
    const std::string_view parent = parent_of(path);
    event.records.push_back(path_record({item, parent.empty() ? file.cwd : parent, "PARENT", 040755, owner}));
  };
  switch (file.call) {
    case FileCall::open_create:
      folder(0, file.path);
      event.records.push_back(path_record({1, file.path, "CREATE", 0100644, owner}));
      break;
    case FileCall::unlink:
      folder(0, file.path);
      event.records.push_back(path_record({1, file.path, "DELETE", 0100644, owner}));
      break;
    case FileCall::rename:
      folder(0, file.path);
      folder(1, file.new_path);
      event.records.push_back(path_record({2, file.path, "DELETE", 0100644, owner}));
      event.records.push_back(path_record({3, file.new_path, "CREATE", 0100644, owner}));
      break;
    default:
      event.records.push_back(path_record({0, file.path, "NORMAL", 0100644, owner}));
  }
}

}  // namespace

std::string audit_string(std::string_view value) {
  const bool plain = std::ranges::none_of(value, [](char c) {
    return c == '"' || static_cast<unsigned char>(c) < 0x21 || static_cast<unsigned char>(c) > 0x7e;
  });
  std::string out;
  if (plain) return out.append("\"").append(value).append("\"");
  append_hex(out, value);
  return out;
}

AuditEvent exec_event(std::int64_t time_ms, const Process& process, std::span<const std::string_view> arguments,
                      std::string_view cwd, std::string_view script) {
  AuditEvent event{.time_ms = time_ms, .records = {}, .rule_id = {}};
  const std::size_t items = script.empty() ? 2 : 3;
  event.records.push_back(syscall_record(process, {.number = Syscall::execve,
                                                   .arguments = {0x5589f3d4c2a8, 0x5589f3d4c310, 0x5589f3d44010, 0x8},
                                                   .items = items,
                                                   .key = "exec"}));
  AuditRecord execve{"EXECVE", fmt::format("argc={}", arguments.size()), {}};
  std::string title;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    execve.body += fmt::format(" a{}={}", i, audit_string(arguments[i]));
    if (i > 0) title += '\0';
    title += arguments[i];
  }
  event.records.push_back(std::move(execve));
  event.records.push_back({"CWD", "cwd=" + audit_string(cwd), {}});
  std::size_t item = 0;
  if (!script.empty()) event.records.push_back(path_record({.item = item++, .name = script, .owner = {}}));
  event.records.push_back(path_record({.item = item++, .name = process.exe, .owner = {}}));
  event.records.push_back(path_record({.item = item, .name = "/lib64/ld-linux-x86-64.so.2", .owner = {}}));
  event.records.push_back({"PROCTITLE", "proctitle=" + audit_string(std::string_view(title).substr(0, 128)), {}});
  return event;
}

AuditEvent connect_event(std::int64_t time_ms, const Process& process, std::string_view address, std::uint16_t port,
                         int exit, std::string_view proctitle) {
  const Call call{
      .number = Syscall::connect, .exit = exit, .arguments = {5, 0x7ffc5e0a7d40, 0x10, 0}, .key = "network"};
  return socket_event(time_ms, process, call, address, port, proctitle);
}

AuditEvent accept_event(std::int64_t time_ms, const Process& process, std::string_view address, std::uint16_t port,
                        std::string_view proctitle) {
  const Call call{.number = Syscall::accept4,
                  .exit = 14,
                  .arguments = {6, 0x7ffc5e0a7d40, 0x7ffc5e0a7d3c, 0x800},
                  .key = "network"};
  return socket_event(time_ms, process, call, address, port, proctitle);
}

AuditEvent file_event(std::int64_t time_ms, const Process& process, const FileEvent& file) {
  AuditEvent event{.time_ms = time_ms, .records = {}, .rule_id = {}};
  Call call = call_of(file);
  const bool missing = file.exit == -2;
  if (missing) call.items = 1;
  event.records.push_back(syscall_record(process, call));
  event.records.push_back({"CWD", "cwd=" + audit_string(file.cwd), {}});
  if (missing) {
    event.records.push_back(missing_path_record(file.path));
  } else {
    append_paths(event, process, file);
  }
  event.records.push_back(proctitle_record(file.proctitle));
  return event;
}

namespace {

// Records of logins and sessions; other records of user space (SERVICE_START, …) are not about logins.
bool is_login_type(std::string_view type) {
  constexpr std::array<std::string_view, 12> kTypes{"USER_AUTH", "USER_ACCT",  "CRED_ACQ",    "CRED_DISP",
                                                    "CRED_REFR", "USER_START", "USER_END",    "USER_ERR",
                                                    "USER_CMD",  "USER_LOGIN", "USER_LOGOUT", "CRYPTO_KEY_USER"};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

}  // namespace

AuditEvent user_event(std::int64_t time_ms, std::string_view type, const Process& process, std::string_view message,
                      std::string_view more_enriched) {
  AuditEvent event{.time_ms = time_ms, .records = {}, .login = is_login_type(type), .rule_id = {}};
  AuditRecord record{type, {}, {}};
  record.body = fmt::format("pid={} uid={} auid={} ses={} subj=unconfined msg='{}'", process.pid, process.user.uid,
                            process.login.uid, process.session, message);
  record.enriched = fmt::format(R"(UID="{}" AUID="{}"{})", process.user.name, process.login.name, more_enriched);
  event.records.push_back(std::move(record));
  return event;
}

AuditEvent login_event(std::int64_t time_ms, std::uint32_t pid, const Account& account, std::uint32_t session) {
  AuditEvent event{.time_ms = time_ms, .records = {}, .login = true, .rule_id = {}};
  event.records.push_back(
      {"LOGIN",
       fmt::format(
           "pid={} uid=0 subj=unconfined old-auid=4294967295 auid={} tty=(none) old-ses=4294967295 ses={} res=1", pid,
           account.uid, session),
       fmt::format(R"(UID="root" OLD-AUID="unset" AUID="{}")", account.name)});
  return event;
}

void append_line(std::string& out, const AuditEvent& event, std::size_t record, std::uint64_t serial) {
  const AuditRecord& from = event.records[record];
  fmt::format_to(std::back_inserter(out), "type={} msg=audit({}.{:03}:{}): {}", from.type, event.time_ms / 1000,
                 event.time_ms % 1000, serial, from.body);
  if (!from.enriched.empty()) {
    out += kEnrichedSeparator;
    out += from.enriched;
  }
  out += '\n';
}

void append_lines(std::string& out, const AuditEvent& event, std::uint64_t serial) {
  for (std::size_t i = 0; i < event.records.size(); ++i) append_line(out, event, i, serial);
}

}  // namespace sightline::replay
