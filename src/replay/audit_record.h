// Raw Linux audit records as auditd writes them with log_format = ENRICHED.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sightline::replay {

inline constexpr std::uint32_t kUnset = 4294967295;  // auid and session of processes outside any login

struct AuditRecord {
  std::string_view type;  // static text
  std::string body;       // what follows "msg=audit(…): "
  std::string enriched;   // what follows the separator 0x1d; empty: no enriched part
};

// Records that share a time and a serial number. The serial number is given when the log is written.
struct AuditEvent {
  std::int64_t time_ms = 0;
  std::vector<AuditRecord> records;
  bool login = false;
  int story = 0;
  std::string rule_id;
};

struct Account {
  std::uint32_t uid = 0;
  std::string_view name = "root";
};

// The process that an event is about.
struct Process {
  std::uint32_t pid = 0;
  std::uint32_t ppid = 0;
  Account user = {};
  Account effective = {};
  Account login{kUnset, "unset"};
  std::uint32_t session = kUnset;
  std::string_view tty = "(none)";
  std::string_view comm;
  std::string_view exe;
};

// execve: SYSCALL, EXECVE, CWD, PATH of the file and of the loader, PROCTITLE. `script` is the file named where the
// kernel started an interpreter for it, else empty.
AuditEvent exec_event(std::int64_t time_ms, const Process& process, std::span<const std::string_view> arguments,
                      std::string_view cwd, std::string_view script = {});

// connect (to IPv4): SYSCALL, SOCKADDR, PROCTITLE. `exit` is 0 or a negative errno.
AuditEvent connect_event(std::int64_t time_ms, const Process& process, std::string_view address, std::uint16_t port,
                         int exit, std::string_view proctitle);

// accept4 of an IPv4 peer.
AuditEvent accept_event(std::int64_t time_ms, const Process& process, std::string_view address, std::uint16_t port,
                        std::string_view proctitle);

enum class FileCall : std::uint8_t { open_read, open_create, open_write, unlink, rename, chmod, chown };

// A file system call: SYSCALL, CWD, PATH…, PROCTITLE. `exit` is a descriptor, 0, or a negative errno; with -2 (ENOENT)
// the path is recorded as the kernel does for a name that is not there.
struct FileEvent {
  FileCall call = FileCall::open_read;
  std::string_view path;
  std::string_view new_path;  // of a rename
  std::string_view cwd = "/";
  std::string_view key;
  int exit = 0;
  std::string_view proctitle;
};
AuditEvent file_event(std::int64_t time_ms, const Process& process, const FileEvent& file);

// A record from user space: USER_LOGIN, USER_START, CRED_ACQ, SERVICE_START, … `message` goes between msg=' and '.
AuditEvent user_event(std::int64_t time_ms, std::string_view type, const Process& process, std::string_view message,
                      std::string_view more_enriched = {});

// The kernel's LOGIN record: the process gets its auid and session.
AuditEvent login_event(std::int64_t time_ms, std::uint32_t pid, const Account& account, std::uint32_t session);

// Appends the event's lines with this serial number.
void append_lines(std::string& out, const AuditEvent& event, std::uint64_t serial);
// One line of it.
void append_line(std::string& out, const AuditEvent& event, std::size_t record, std::uint64_t serial);

// A value of an audit field: quoted, or hexadecimal where it holds a space, a quote or anything not printable.
std::string audit_string(std::string_view value);

}  // namespace sightline::replay
