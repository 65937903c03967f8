// What happened, in one word: from system calls and record types to event_type and type.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sources/audit/names.h"

namespace sightline::audit {

// Which side of a connection the address of a SOCKADDR record is.
enum class AddressSide : std::uint8_t { destination, source };

enum class CallKind : std::uint8_t {
  other,
  exec,
  exit,
  socketcall,  // i386: the call is in a0
  open,        // create, modify or open, by flags and outcome
  rename,
  carrier,  // may only bring the kernel a message; a record that says which one stands above it
};

inline constexpr std::int8_t kNoArgument = -1;

struct SyscallVerb {
  std::string_view syscall;
  std::string_view event_type;
  std::string_view type;
  CallKind kind = CallKind::other;
  AddressSide side = AddressSide::destination;
  std::int8_t flags_argument = kNoArgument;   // 0 to 3: where open's flags are
  std::int8_t dirfd_argument = kNoArgument;   // 0 to 3: the directory that relative names start from
  std::int8_t dirfd2_argument = kNoArgument;  // of the second name
};

// nullptr: a call without an entry; its event_type is audit and its name is its verb.
const SyscallVerb* find_syscall_verb(std::string_view name);
// The call behind i386's socketcall; nullptr: none by that number.
const SyscallVerb* find_socketcall_verb(std::uint64_t number);
// The call behind an io_uring operation; nullptr: none by that number.
const SyscallVerb* find_uring_verb(std::uint64_t operation);

struct RecordVerb {
  std::uint16_t type = 0;
  std::string_view event_type;
  std::string_view verb;
  std::string_view failed_verb;  // where res says it failed; empty: the same
  // How it stands to a SYSCALL record of the same event: `always` replaces the call's verb, `unnamed` only where the
  // call has no entry of its own or is a carrier.
  enum class Over : std::uint8_t { never, unnamed, always } over = Over::never;
};

// nullptr: a type without an entry; its event_type is audit and its name in lower case is its verb.
const RecordVerb* find_record_verb(RecordType type);

// Whether records of this type only ever accompany a main record (PATH, CWD, …).
bool is_auxiliary(RecordType type);

// Whether records of this type are whole events: programs' own messages and the audit daemon's.
bool is_single_record(RecordType type);

}  // namespace sightline::audit
