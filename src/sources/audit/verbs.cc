#include "sources/audit/verbs.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace sightline::audit {

namespace {

constexpr AddressSide kSource = AddressSide::source;
constexpr AddressSide kDestination = AddressSide::destination;
constexpr std::int8_t kNone = kNoArgument;

constexpr SyscallVerb audit_call(std::string_view name, std::string_view type, AddressSide side = kDestination) {
  return {name, "audit", type, CallKind::other, side, kNone, kNone, kNone};
}

constexpr SyscallVerb file_call(std::string_view name, std::string_view type, std::int8_t dirfd = kNone,
                                std::int8_t dirfd2 = kNone) {
  return {name, "file", type, CallKind::other, kDestination, kNone, dirfd, dirfd2};
}

constexpr SyscallVerb open_call(std::string_view name, std::int8_t flags, std::int8_t dirfd) {
  return {name, "file", "open", CallKind::open, kDestination, flags, dirfd, kNone};
}

constexpr SyscallVerb write_call(std::string_view name) {
  return {name, "file", "modify", CallKind::carrier, kDestination, kNone, kNone, kNone};
}

constexpr SyscallVerb rename_call(std::string_view name, std::int8_t dirfd, std::int8_t dirfd2) {
  return {name, "file", "rename", CallKind::rename, kDestination, kNone, dirfd, dirfd2};
}

constexpr SyscallVerb call_of_kind(std::string_view name, std::string_view type, CallKind kind,
                                   std::int8_t dirfd = kNone) {
  return {name, "audit", type, kind, kDestination, kNone, dirfd, kNone};
}

constexpr SyscallVerb kSyscallVerbs[] = {
    // Processes
    call_of_kind("execve", "start", CallKind::exec),
    call_of_kind("execveat", "start", CallKind::exec, 0),
    call_of_kind("exit", "exit", CallKind::exit),
    call_of_kind("exit_group", "exit", CallKind::exit),
    audit_call("fork", "fork"),
    audit_call("vfork", "fork"),
    audit_call("clone", "fork"),
    audit_call("clone3", "fork"),
    audit_call("kill", "kill"),
    audit_call("tkill", "kill"),
    audit_call("tgkill", "kill"),
    audit_call("pidfd_send_signal", "kill"),
    audit_call("rt_sigqueueinfo", "kill"),
    audit_call("rt_tgsigqueueinfo", "kill"),
    audit_call("ptrace", "ptrace"),
    audit_call("process_vm_readv", "process_vm_readv"),
    audit_call("process_vm_writev", "process_vm_writev"),
    audit_call("setuid", "setuid"),
    audit_call("setuid32", "setuid"),
    audit_call("setreuid", "setuid"),
    audit_call("setreuid32", "setuid"),
    audit_call("setresuid", "setuid"),
    audit_call("setresuid32", "setuid"),
    audit_call("setfsuid", "setuid"),
    audit_call("setfsuid32", "setuid"),
    audit_call("setgid", "setgid"),
    audit_call("setgid32", "setgid"),
    audit_call("setregid", "setgid"),
    audit_call("setregid32", "setgid"),
    audit_call("setresgid", "setgid"),
    audit_call("setresgid32", "setgid"),
    audit_call("setfsgid", "setgid"),
    audit_call("setfsgid32", "setgid"),
    audit_call("setgroups", "setgid"),
    audit_call("setgroups32", "setgid"),

    // Network
    audit_call("connect", "connect"),
    audit_call("accept", "accept", kSource),
    audit_call("accept4", "accept", kSource),
    audit_call("bind", "bind", kSource),
    audit_call("listen", "listen", kSource),
    audit_call("getsockname", "getsockname", kSource),
    audit_call("getpeername", "getpeername"),
    call_of_kind("sendto", "send", CallKind::carrier),
    call_of_kind("sendmsg", "send", CallKind::carrier),
    call_of_kind("sendmmsg", "send", CallKind::carrier),
    audit_call("recvfrom", "receive", kSource),
    audit_call("recvmsg", "receive", kSource),
    audit_call("recvmmsg", "receive", kSource),
    call_of_kind("socketcall", "socketcall", CallKind::socketcall),

    // The system
    audit_call("init_module", "module_load"),
    audit_call("finit_module", "module_load"),
    audit_call("create_module", "module_load"),
    audit_call("delete_module", "module_unload"),
    audit_call("mount", "mount"),
    audit_call("move_mount", "mount"),
    audit_call("fsmount", "mount"),
    audit_call("umount", "umount"),
    audit_call("umount2", "umount"),
    audit_call("oldumount", "umount"),
    audit_call("adjtimex", "adjtimex"),
    audit_call("clock_adjtime", "adjtimex"),
    audit_call("clock_settime", "time_change"),
    audit_call("clock_settime64", "time_change"),
    audit_call("settimeofday", "time_change"),
    audit_call("stime", "time_change"),
    audit_call("kexec_load", "kexec"),
    audit_call("kexec_file_load", "kexec"),

    // Files
    open_call("open", 1, kNone),
    open_call("openat", 2, 0),
    open_call("openat2", kNone, 0),  // its flags are in the OPENAT2 record
    open_call("open_by_handle_at", 2, kNone),
    {"creat", "file", "create", CallKind::open, kDestination, kNone, kNone, kNone},
    file_call("mkdir", "create"),
    file_call("mkdirat", "create", 0),
    file_call("mknod", "create"),
    file_call("mknodat", "create", 0),
    file_call("link", "create"),
    file_call("linkat", "create", 0, 2),
    file_call("symlink", "create"),
    file_call("symlinkat", "create", 1),
    file_call("unlink", "delete"),
    file_call("unlinkat", "delete", 0),
    file_call("rmdir", "delete"),
    rename_call("rename", kNone, kNone),
    rename_call("renameat", 0, 2),
    rename_call("renameat2", 0, 2),
    file_call("truncate", "modify"),
    file_call("truncate64", "modify"),
    file_call("ftruncate", "modify"),
    file_call("ftruncate64", "modify"),
    file_call("fallocate", "modify"),
    write_call("write"),
    write_call("pwrite64"),
    write_call("writev"),
    write_call("pwritev"),
    write_call("pwritev2"),
    file_call("chmod", "attrib"),
    file_call("fchmod", "attrib"),
    file_call("fchmodat", "attrib", 0),
    file_call("fchmodat2", "attrib", 0),
    file_call("chown", "attrib"),
    file_call("chown32", "attrib"),
    file_call("fchown", "attrib"),
    file_call("fchown32", "attrib"),
    file_call("lchown", "attrib"),
    file_call("lchown32", "attrib"),
    file_call("fchownat", "attrib", 0),
    file_call("setxattr", "attrib"),
    file_call("lsetxattr", "attrib"),
    file_call("fsetxattr", "attrib"),
    file_call("setxattrat", "attrib", 0),
    file_call("removexattr", "attrib"),
    file_call("lremovexattr", "attrib"),
    file_call("fremovexattr", "attrib"),
    file_call("removexattrat", "attrib", 0),
    file_call("utime", "attrib"),
    file_call("utimes", "attrib"),
    file_call("utimensat", "attrib", 0),
    file_call("futimesat", "attrib", 0),
    file_call("access", "access"),
    file_call("faccessat", "access", 0),
    file_call("faccessat2", "access", 0),
    file_call("stat", "access"),
    file_call("lstat", "access"),
    file_call("stat64", "access"),
    file_call("lstat64", "access"),
    file_call("newfstatat", "access", 0),
    file_call("fstatat64", "access", 0),
    file_call("statx", "access", 0),
    file_call("readlink", "access"),
    file_call("readlinkat", "access", 0),
    file_call("getxattr", "access"),
    file_call("lgetxattr", "access"),
    file_call("getxattrat", "access", 0),
    file_call("listxattr", "access"),
    file_call("llistxattr", "access"),
};

constexpr RecordVerb login_record(RecordType type, std::string_view verb, std::string_view failed) {
  return {static_cast<std::uint16_t>(type), "login", verb, failed, RecordVerb::Over::never};
}

constexpr RecordVerb audit_record(std::uint16_t type, std::string_view verb, std::string_view failed = {}) {
  return {type, "audit", verb, failed, RecordVerb::Over::never};
}

constexpr RecordVerb over_any_call(std::uint16_t type, std::string_view verb) {
  return {type, "audit", verb, {}, RecordVerb::Over::always};
}

constexpr RecordVerb over_unnamed_call(std::uint16_t type, std::string_view verb) {
  return {type, "audit", verb, {}, RecordVerb::Over::unnamed};
}

// By number.
constexpr RecordVerb kRecordVerbs[] = {
    audit_record(1005, "user_message"),
    {1006, "login", "session_start", "session_start_failed", RecordVerb::Over::unnamed},
    login_record(RecordType::user_auth, "auth", "auth_failed"),
    login_record(RecordType::user_acct, "account_check", "account_check_failed"),
    audit_record(1102, "user_modify", "user_modify_failed"),
    login_record(RecordType::cred_acq, "credential_acquire", "credential_acquire_failed"),
    login_record(RecordType::cred_disp, "credential_dispose", "credential_dispose_failed"),
    login_record(RecordType::user_start, "session_open", "session_open_failed"),
    login_record(RecordType::user_end, "session_close", "session_close_failed"),
    audit_record(1107, "user_avc"),
    audit_record(1108, "password_change", "password_change_failed"),
    login_record(RecordType::user_err, "login_error", "login_error"),
    login_record(RecordType::cred_refr, "credential_refresh", "credential_refresh_failed"),
    audit_record(1111, "system_config_change"),
    login_record(RecordType::user_login, "login", "login_failed"),
    login_record(RecordType::user_logout, "logout", "logout_failed"),
    audit_record(1114, "user_add", "user_add_failed"),
    audit_record(1115, "user_delete", "user_delete_failed"),
    audit_record(1116, "group_add", "group_add_failed"),
    audit_record(1117, "group_delete", "group_delete_failed"),
    audit_record(1119, "group_id_change", "group_id_change_failed"),
    login_record(RecordType::user_cmd, "command", "command_failed"),
    audit_record(1124, "tty_input"),
    audit_record(1125, "user_id_change", "user_id_change_failed"),
    {1126, "login", "group_auth", "group_auth_failed", RecordVerb::Over::never},
    audit_record(1127, "boot"),
    audit_record(1128, "shutdown"),
    audit_record(1129, "runlevel_change"),
    audit_record(1130, "service_start", "service_start_failed"),
    audit_record(1131, "service_stop", "service_stop_failed"),
    audit_record(1132, "group_modify", "group_modify_failed"),
    audit_record(1133, "group_password_change", "group_password_change_failed"),
    audit_record(1135, "account_lock", "account_lock_failed"),
    audit_record(1136, "account_unlock", "account_unlock_failed"),
    audit_record(1137, "device_change"),
    audit_record(1138, "software_update", "software_update_failed"),
    over_unnamed_call(1305, "config_change"),
    over_unnamed_call(1319, "tty_input"),
    over_unnamed_call(1324, "netfilter_packet"),
    over_unnamed_call(1325, "netfilter_change"),
    over_any_call(1326, "seccomp"),
    over_unnamed_call(1328, "feature_change"),
    over_unnamed_call(1330, "module_load"),
    over_unnamed_call(1331, "fanotify"),
    over_unnamed_call(1332, "time_change"),
    over_unnamed_call(1333, "adjtimex"),
    over_unnamed_call(1334, "bpf"),
    over_unnamed_call(1335, "event_listener"),
    over_unnamed_call(1338, "device_mapper"),
    over_unnamed_call(1339, "device_mapper"),
    over_unnamed_call(1400, "avc"),
    over_unnamed_call(1401, "selinux_error"),
    over_unnamed_call(1403, "mac_policy_load"),
    over_unnamed_call(1404, "mac_status"),
    over_unnamed_call(1405, "mac_config_change"),
    over_unnamed_call(1420, "ipe_access"),
    over_unnamed_call(1421, "ipe_config_change"),
    over_unnamed_call(1422, "ipe_policy_load"),
    over_unnamed_call(1423, "landlock_access"),
    over_unnamed_call(1424, "landlock_domain"),
    over_unnamed_call(1500, "avc"),
    over_unnamed_call(1501, "avc"),
    over_unnamed_call(1502, "avc"),
    over_unnamed_call(1503, "avc"),
    over_unnamed_call(1504, "avc"),
    over_unnamed_call(1505, "avc"),
    over_unnamed_call(1506, "avc"),
    over_unnamed_call(1507, "avc"),
    over_any_call(1700, "anom_promiscuous"),
    over_any_call(1701, "anom_abend"),
    over_any_call(1702, "anom_link"),
    over_any_call(1703, "anom_creat"),
    over_unnamed_call(1800, "integrity_data"),
    over_unnamed_call(1801, "integrity_metadata"),
    over_unnamed_call(1802, "integrity_status"),
    over_unnamed_call(1803, "integrity_hash"),
    over_unnamed_call(1804, "integrity_pcr"),
    over_unnamed_call(1805, "integrity_rule"),
    over_unnamed_call(1806, "integrity_evm_xattr"),
    over_unnamed_call(1807, "integrity_policy_rule"),
    {2300, "login", "role_change", "role_change_failed", RecordVerb::Over::never},
    login_record(RecordType::crypto_key_user, "crypto_key", "crypto_key_failed"),
    login_record(RecordType::crypto_session, "crypto_session", "crypto_session_failed"),
};

// By number of the type: one more than the index in kRecordVerbs, 0 where there is none.
constexpr auto kRecordVerbIndex = [] {
  std::array<std::uint8_t, std::end(kRecordVerbs)[-1].type + 1> index{};
  static_assert(std::size(kRecordVerbs) < UINT8_MAX);
  for (std::size_t i = 0; i < std::size(kRecordVerbs); ++i)
    index[kRecordVerbs[i].type] = static_cast<std::uint8_t>(i + 1);
  return index;
}();

// io_uring operations that touch files, sockets or processes, by IORING_OP_* number.
struct UringCall {
  std::uint8_t operation;
  std::string_view syscall;
};
constexpr UringCall kUringCalls[] = {
    {9, "sendmsg"},    {10, "recvmsg"},   {13, "accept"},   {16, "connect"},   {17, "fallocate"}, {18, "openat"},
    {21, "statx"},     {26, "sendto"},    {27, "recvfrom"}, {28, "openat2"},   {35, "renameat2"}, {36, "unlinkat"},
    {37, "mkdirat"},   {38, "symlinkat"}, {39, "linkat"},   {41, "fsetxattr"}, {42, "setxattr"},  {44, "getxattr"},
    {55, "ftruncate"}, {56, "bind"},      {57, "listen"},
};

// i386 socketcall numbers from 1.
constexpr std::string_view kSocketCalls[] = {
    "",           "socket",  "bind",    "connect",  "listen",   "accept",   "getsockname", "getpeername",
    "socketpair", "send",    "recv",    "sendto",   "recvfrom", "shutdown", "setsockopt",  "getsockopt",
    "sendmsg",    "recvmsg", "accept4", "recvmmsg", "sendmmsg"};

}  // namespace

const SyscallVerb* find_syscall_verb(std::string_view name) {
  const auto* found = std::ranges::find(kSyscallVerbs, name, &SyscallVerb::syscall);
  return found == std::end(kSyscallVerbs) ? nullptr : found;
}

const SyscallVerb* find_socketcall_verb(std::uint64_t number) {
  return number < std::size(kSocketCalls) ? find_syscall_verb(kSocketCalls[number]) : nullptr;
}

const SyscallVerb* find_uring_verb(std::uint64_t operation) {
  const auto* found = std::ranges::find(kUringCalls, operation, &UringCall::operation);
  return found == std::end(kUringCalls) ? nullptr : find_syscall_verb(found->syscall);
}

const RecordVerb* find_record_verb(RecordType type) {
  const auto number = static_cast<std::size_t>(type);
  if (number >= kRecordVerbIndex.size() || kRecordVerbIndex[number] == 0) return nullptr;
  return &kRecordVerbs[kRecordVerbIndex[number] - 1];
}

bool is_auxiliary(RecordType type) {
  const auto number = static_cast<std::uint16_t>(type);
  switch (number) {
    case 1302:  // PATH
    case 1303:  // IPC
    case 1304:  // SOCKETCALL
    case 1306:  // SOCKADDR
    case 1307:  // CWD
    case 1309:  // EXECVE
    case 1311:  // IPC_SET_PERM
    case 1312:  // MQ_OPEN
    case 1313:  // MQ_SENDRECV
    case 1314:  // MQ_NOTIFY
    case 1315:  // MQ_GETSETATTR
    case 1317:  // FD_PAIR
    case 1318:  // OBJ_PID
    case 1320:  // EOE
    case 1321:  // BPRM_FCAPS
    case 1322:  // CAPSET
    case 1323:  // MMAP
    case 1327:  // PROCTITLE
    case 1337:  // OPENAT2
    case 1402:  // AVC_PATH
      return true;
    default:
      return false;
  }
}

bool is_single_record(RecordType type) {
  const auto number = static_cast<std::uint16_t>(type);
  return number == 1005 || (number >= 1100 && number <= 1299) || (number >= 2000 && number <= 2999);
}

}  // namespace sightline::audit
