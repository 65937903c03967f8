// What is known of an event while its records are turned into one. Filled by fields.h, finished by process.h,
// network.h, files.h, login.h and classify.h, each for its family of fields.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sources/audit/draft.h"
#include "sources/audit/execve.h"
#include "sources/audit/paths.h"
#include "sources/audit/record.h"
#include "sources/audit/verbs.h"

namespace sightline::audit {

struct Record {
  RecordType type = RecordType::unknown;
  std::string_view type_name;
  std::span<const Field> fields;
  Body body;
};

// What starts anew with each event.
struct EventFacts {
  const Record* main = nullptr;  // the SYSCALL or URINGOP record
  bool partial = false;
  bool has_execve = false;

  // Of the system call
  const Arch* arch = nullptr;
  std::string_view arch_text;
  std::string_view arch_name;  // by the audit daemon
  std::string_view syscall_text;
  std::string_view syscall_name;  // by the audit daemon
  const SyscallVerb* verb = nullptr;
  std::array<std::string_view, 4> arguments;  // a0 to a3, hexadecimal
  std::optional<std::uint64_t> items;         // how many PATH records there should be
  std::optional<std::uint64_t> uring_operation;
  std::optional<std::uint64_t> open_flags;  // from an OPENAT2 record

  std::string_view socket_address;  // hexadecimal

  // Of a program's own message
  std::string_view terminal;
  std::string_view remote_host;  // hostname=, where it is an address
  std::string_view grantors;
  std::string_view key_kind;
  std::string_view account_name;  // by the audit daemon
};

struct EventState : EventFacts {
  EventDraft draft;
  std::vector<Record> records;  // in order of arrival
  ArgumentList argv;
  std::vector<PathItem> paths;

  // Ready for the next event; keeps the memory of its containers.
  void reset(Arena& arena);

  // a0 to a3 as a number; nullopt: none recorded, or `position` is kNoArgument.
  std::optional<std::uint64_t> argument(std::int8_t position) const;
  // The outcome; nullopt: not recorded.
  std::optional<bool> success() const;
};

}  // namespace sightline::audit
