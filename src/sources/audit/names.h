// Names of numbers in audit records: architectures, system calls, errno values, record types. From libaudit, plus what
// newer kernels have that the packaged libaudit lacks. All results have static storage; all functions are thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace sightline::audit {

// Record types that the decoder treats in a way of their own. Any other number is valid too.
enum class RecordType : std::uint16_t {
  unknown = 0,
  user = 1005,
  login = 1006,
  user_auth = 1100,
  user_acct = 1101,
  user_mgmt = 1102,
  cred_acq = 1103,
  cred_disp = 1104,
  user_start = 1105,
  user_end = 1106,
  user_avc = 1107,
  user_err = 1109,
  cred_refr = 1110,
  user_login = 1112,
  user_logout = 1113,
  user_cmd = 1123,
  service_start = 1130,
  service_stop = 1131,
  syscall = 1300,
  path = 1302,
  socketcall = 1304,
  config_change = 1305,
  sockaddr = 1306,
  cwd = 1307,
  execve = 1309,
  obj_pid = 1318,
  eoe = 1320,
  netfilter_pkt = 1324,
  seccomp = 1326,
  proctitle = 1327,
  kern_module = 1330,
  uringop = 1336,
  openat2 = 1337,
  avc = 1400,
  crypto_key_user = 2404,
  crypto_session = 2407,
};

// The type of that native name ("SYSCALL", "UNKNOWN[1327]" or "1327"); unknown where no number is known.
RecordType find_record_type(std::string_view name);
// The native name; empty where none is known.
std::string_view record_type_name(RecordType type);

struct SyscallVerb;  // verbs.h

struct Syscall {
  std::string_view name;              // empty: no such call
  const SyscallVerb* verb = nullptr;  // nullptr: the name is the verb
};

struct Arch {
  std::string_view name;  // x86_64, i386, aarch64, …
  bool little_endian = true;
  int machine = -1;  // libaudit's number
};

// nullptr: an architecture we have no table for. `elf` is the number after arch=, e.g. 0xc000003e.
const Arch* find_arch(std::uint32_t elf);
// nullptr: a number without a name.
const Syscall* find_syscall(const Arch& arch, std::uint64_t number);

// ENOENT for 2; empty where none is known.
std::string_view errno_name(std::uint64_t number);

// inet, inet6, unix, netlink, …; empty where none is known.
std::string_view address_family_name(std::uint32_t family);

}  // namespace sightline::audit
