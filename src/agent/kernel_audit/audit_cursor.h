// Where reading the kernel's audit records goes on, as the text that lies with each batch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/kernel_audit/serial_gaps.h"

namespace sightline::agent {

struct AuditCursor {
  std::string boot_id;
  std::optional<SerialState> serials;  // what was handed on; nullopt: nothing yet
  std::optional<std::uint32_t> lost;   // the kernel's count of lost records
  std::int64_t time_ms = 0;            // when that was so, since 1970, UTC

  bool operator==(const AuditCursor&) const = default;
};

// More runs of absent numbers than this are one, so that a cursor stays short: then more may count as missing than was.
inline constexpr std::size_t kMaxAbsentRuns = 128;

// "BOOT NEWEST LOST TIME FIRST-LAST,…", "-" for what is not known.
std::string to_string(const AuditCursor& cursor);
// What is no such text is a cursor of no boot.
AuditCursor parse_audit_cursor(std::string_view text);

}  // namespace sightline::agent
