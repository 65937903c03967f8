#include "sources/audit/names.h"

#include <libaudit.h>

#include <array>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "sources/audit/verbs.h"

namespace sightline::audit {

namespace {

struct NumberedName {
  std::uint16_t number;
  std::string_view name;
};

// Later than the packaged libaudit.
constexpr NumberedName kNewerRecordTypes[] = {
    {1329, "REPLACE"},           {1338, "DM_CTRL"},         {1339, "DM_EVENT"},        {1420, "IPE_ACCESS"},
    {1421, "IPE_CONFIG_CHANGE"}, {1422, "IPE_POLICY_LOAD"}, {1423, "LANDLOCK_ACCESS"}, {1424, "LANDLOCK_DOMAIN"},
};

// From 424 on a new call has the same number on every architecture.
constexpr NumberedName kNewerSyscalls[] = {
    {451, "cachestat"},         {452, "fchmodat2"},         {453, "map_shadow_stack"}, {454, "futex_wake"},
    {455, "futex_wait"},        {456, "futex_requeue"},     {457, "statmount"},        {458, "listmount"},
    {459, "lsm_get_self_attr"}, {460, "lsm_set_self_attr"}, {461, "lsm_list_modules"}, {462, "mseal"},
    {463, "setxattrat"},        {464, "getxattrat"},        {465, "listxattrat"},      {466, "removexattrat"},
    {467, "open_tree_attr"},
};

constexpr int kSyscallLimit = 512;
constexpr int kMachineLimit = MACH_PPC64LE + 1;
constexpr int kRecordTypeLimit = 3000;
constexpr int kErrnoLimit = 4096;

struct RecordTypeTable {
  std::array<std::string_view, kRecordTypeLimit> names;
  std::unordered_map<std::string_view, std::uint16_t> numbers;

  RecordTypeTable() {
    for (int number = 1000; number < kRecordTypeLimit; ++number) {
      const char* name = audit_msg_type_to_name(number);
      if (name != nullptr) put(static_cast<std::uint16_t>(number), name);
    }
    for (const NumberedName& entry : kNewerRecordTypes) {
      if (names[entry.number].empty()) put(entry.number, entry.name);
    }
  }

  void put(std::uint16_t number, std::string_view name) {
    names[number] = name;
    numbers.emplace(name, number);
  }
};

const RecordTypeTable& record_types() {
  static const RecordTypeTable table;
  return table;
}

struct MachineTable {
  Arch arch;
  std::vector<Syscall> syscalls;
};

std::array<MachineTable, kMachineLimit> build_machines() {
  std::array<MachineTable, kMachineLimit> machines;
  for (int machine = 0; machine < kMachineLimit; ++machine) {
    const char* machine_name = audit_machine_to_name(machine);
    if (machine_name == nullptr) continue;
    MachineTable& table = machines[static_cast<std::size_t>(machine)];
    const unsigned elf = audit_machine_to_elf(machine);
    table.arch = {machine_name, (elf & __AUDIT_ARCH_LE) != 0, machine};
    table.syscalls.resize(kSyscallLimit);
    for (int number = 0; number < kSyscallLimit; ++number) {
      const char* name = audit_syscall_to_name(number, machine);
      if (name != nullptr) table.syscalls[static_cast<std::size_t>(number)] = {name, find_syscall_verb(name)};
    }
    for (const NumberedName& entry : kNewerSyscalls) {
      Syscall& call = table.syscalls[entry.number];
      if (call.name.empty()) call = {entry.name, find_syscall_verb(entry.name)};
    }
  }
  return machines;
}

const std::array<MachineTable, kMachineLimit>& machines() {
  static const std::array<MachineTable, kMachineLimit> table = build_machines();
  return table;
}

std::array<std::string_view, kErrnoLimit> build_errno_names() {
  std::array<std::string_view, kErrnoLimit> names;
  for (int number = 1; number < kErrnoLimit; ++number) {
    const char* name = audit_errno_to_name(number);
    if (name != nullptr) names[static_cast<std::size_t>(number)] = name;
  }
  return names;
}

// The number in "1327" or "UNKNOWN[1327]"; 0: none.
std::uint16_t numeric_record_type(std::string_view name) {
  constexpr std::string_view kPrefix = "UNKNOWN[";
  if (name.starts_with(kPrefix) && name.ends_with(']')) {
    name.remove_prefix(kPrefix.size());
    name.remove_suffix(1);
  }
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : std::uint16_t{0};
}

}  // namespace

RecordType find_record_type(std::string_view name) {
  // The types that make up nearly all of a log.
  if (name == "SYSCALL") return RecordType::syscall;
  if (name == "PATH") return RecordType::path;
  if (name == "PROCTITLE") return RecordType::proctitle;
  if (name == "CWD") return RecordType::cwd;
  if (name == "EXECVE") return RecordType::execve;
  if (name == "SOCKADDR") return RecordType::sockaddr;
  if (name == "EOE") return RecordType::eoe;
  const auto& numbers = record_types().numbers;
  const auto found = numbers.find(name);
  return RecordType{found != numbers.end() ? found->second : numeric_record_type(name)};
}

std::string_view record_type_name(RecordType type) {
  const auto number = static_cast<std::size_t>(type);
  return number < kRecordTypeLimit ? record_types().names[number] : std::string_view();
}

const Arch* find_arch(std::uint32_t elf) {
  const int machine = audit_elf_to_machine(elf);
  if (machine < 0 || machine >= kMachineLimit) return nullptr;
  const Arch& arch = machines()[static_cast<std::size_t>(machine)].arch;
  return arch.name.empty() ? nullptr : &arch;
}

const Syscall* find_syscall(const Arch& arch, std::uint64_t number) {
  const std::vector<Syscall>& syscalls = machines()[static_cast<std::size_t>(arch.machine)].syscalls;
  if (number >= syscalls.size() || syscalls[number].name.empty()) return nullptr;
  return &syscalls[number];
}

std::string_view errno_name(std::uint64_t number) {
  static const std::array<std::string_view, kErrnoLimit> names = build_errno_names();
  return number < names.size() ? names[number] : std::string_view();
}

std::string_view address_family_name(std::uint32_t family) {
  static constexpr std::array<std::string_view, 47> kNames = {
      "unspec",  "unix",    "inet",    "ax25",   "ipx",        "appletalk", "netrom",   "bridge",
      "atmpvc",  "x25",     "inet6",   "rose",   "decnet",     "netbeui",   "security", "key",
      "netlink", "packet",  "ash",     "econet", "atmsvc",     "rds",       "sna",      "irda",
      "pppox",   "wanpipe", "llc",     "ib",     "mpls",       "can",       "tipc",     "bluetooth",
      "iucv",    "rxrpc",   "isdn",    "phonet", "ieee802154", "caif",      "alg",      "nfc",
      "vsock",   "kcm",     "qipcrtr", "smc",    "xdp",        "mctp",      ""};
  return family < kNames.size() ? kNames[family] : std::string_view();
}

}  // namespace sightline::audit
